package plaudit.snapshots.s3;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import plaudit.snapshots.SnapshotFiles;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.presigner.S3Presigner;

/**
 * Signs {@code s3:} URLs, so that any HTTP client may get them for some hours. Looks for
 * credentials at the first one. Thread-safe.
 */
public final class S3Locator implements SnapshotFiles.Locator {

  private static final Duration SIGNED_FOR = Duration.ofHours(6);

  private final S3Settings settings;
  private @Nullable S3Presigner presigner;

  public S3Locator(S3Settings settings) {
    this.settings = settings;
  }

  @Override
  public synchronized URI locate(URI url) throws IOException {
    S3Presigner signing = presigner == null ? presigner() : presigner;
    presigner = signing;
    String key = url.getPath().substring(1);
    return S3Objects.call(
        () ->
            URI.create(
                signing
                    .presignGetObject(
                        signed ->
                            signed
                                .signatureDuration(SIGNED_FOR)
                                .getObjectRequest(get -> get.bucket(url.getHost()).key(key)))
                    .url()
                    .toString()));
  }

  private S3Presigner presigner() {
    S3Presigner.Builder builder =
        S3Presigner.builder()
            .region(Region.of(settings.region()))
            .credentialsProvider(S3Objects.credentials())
            .serviceConfiguration(S3Objects.addressing(settings));
    settings.endpoint().ifPresent(builder::endpointOverride);
    return builder.build();
  }
}

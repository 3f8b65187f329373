package plaudit.snapshots.s3;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import plaudit.input.InvalidInputException;
import plaudit.input.UnavailableException;
import plaudit.snapshots.ObjectStore;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.retries.StandardRetryStrategy;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3Configuration;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.MultipartUpload;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * A bucket with a prefix. Files above {@link #PART} are uploaded in parts, which become an object
 * when all are there; uploads that a killed process left are given up when the prefix is opened
 * again. Readers get signed URLs, so that one downloader does for this store and for a learner's
 * own server.
 */
public final class S3Objects implements ObjectStore {

  /** By what a location names this kind of store. */
  public static final String SCHEME = "s3";

  /** Bytes of a part, which is in memory while it is sent; a store takes 10,000 of them. */
  static final int PART = 16 << 20;

  private static final Duration CONNECTING = Duration.ofSeconds(5);
  private static final Duration SILENT = Duration.ofSeconds(30);
  private static final int TRIES = 3;
  private static final Pattern LOCATION =
      Pattern.compile("s3://(?<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(/(?<key>[^?#\\s]*))?");

  private final S3Client client;
  private final String bucket;
  private final String prefix;

  private S3Objects(S3Client client, String bucket, String prefix) {
    this.client = client;
    this.bucket = bucket;
    this.prefix = prefix;
  }

  /**
   * Opens a prefix for writing.
   *
   * @param what the setting, for messages
   * @param location {@code s3://BUCKET/PREFIX}
   * @param below what is added to the prefix
   * @throws InvalidInputException if there is no such bucket or the credentials do not allow it
   * @throws UnavailableException if the store does not answer
   */
  public static S3Objects open(String what, String location, String below, S3Settings settings) {
    Matcher parts = LOCATION.matcher(location);
    if (!parts.matches()) {
      throw InvalidInputException.of(what, location, "s3://BUCKET/PREFIX");
    }
    String key = parts.group("key") == null ? "" : parts.group("key");
    String prefix = (key.isEmpty() || key.endsWith("/") ? key : key + "/") + below + "/";
    S3Objects store = new S3Objects(client(settings), parts.group("bucket"), prefix);
    try {
      call(() -> store.client.headBucket(head -> head.bucket(store.bucket)));
      store.put("store", "written by a learner\n".getBytes(UTF_8));
      store.giveUpUnfinished();
      return store;
    } catch (Refused e) {
      store.close();
      throw InvalidInputException.of(
          what, location, "a bucket that these credentials may write to; " + e.getMessage());
    } catch (IOException e) {
      store.close();
      throw UnavailableException.of(what, location, "a store that answers; " + e.getMessage());
    }
  }

  @Override
  public void put(String name, Path file) throws IOException {
    if (Files.size(file) <= PART) {
      call(
          () ->
              client.putObject(
                  put -> put.bucket(bucket).key(prefix + name), RequestBody.fromFile(file)));
    } else {
      putInParts(name, file);
    }
  }

  private void putInParts(String name, Path file) throws IOException {
    String key = prefix + name;
    String upload =
        call(() -> client.createMultipartUpload(all -> all.bucket(bucket).key(key))).uploadId();
    try (InputStream in = Files.newInputStream(file)) {
      List<CompletedPart> parts = new ArrayList<>();
      for (byte[] part = in.readNBytes(PART); part.length > 0; part = in.readNBytes(PART)) {
        int number = parts.size() + 1;
        RequestBody body = RequestBody.fromBytes(part);
        String tag =
            call(() ->
                    client.uploadPart(
                        it -> it.bucket(bucket).key(key).uploadId(upload).partNumber(number), body))
                .eTag();
        parts.add(CompletedPart.builder().partNumber(number).eTag(tag).build());
      }
      call(
          () ->
              client.completeMultipartUpload(
                  all ->
                      all.bucket(bucket)
                          .key(key)
                          .uploadId(upload)
                          .multipartUpload(done -> done.parts(parts))));
    } catch (IOException e) {
      try {
        giveUp(key, upload);
      } catch (IOException alsoFailed) {
        e.addSuppressed(alsoFailed);
      }
      throw e;
    }
  }

  @Override
  public void put(String name, byte[] content) throws IOException {
    call(
        () ->
            client.putObject(
                put -> put.bucket(bucket).key(prefix + name), RequestBody.fromBytes(content)));
  }

  @Override
  public List<String> list() throws IOException {
    return call(
        () ->
            client
                .listObjectsV2Paginator(list -> list.bucket(bucket).prefix(prefix))
                .contents()
                .stream()
                .map(S3Object::key)
                .map(key -> key.substring(prefix.length()))
                .toList());
  }

  @Override
  public void delete(String name) throws IOException {
    call(() -> client.deleteObject(one -> one.bucket(bucket).key(prefix + name)));
  }

  @Override
  public URI url(String name) {
    return URI.create("%s://%s/%s%s".formatted(SCHEME, bucket, prefix, name));
  }

  /** Parts that were uploaded for nothing cost money until they are given up. */
  private void giveUpUnfinished() throws IOException {
    List<MultipartUpload> unfinished =
        call(() -> client.listMultipartUploads(all -> all.bucket(bucket).prefix(prefix)).uploads());
    for (MultipartUpload upload : unfinished) {
      giveUp(upload.key(), upload.uploadId());
    }
  }

  private void giveUp(String key, String upload) throws IOException {
    call(() -> client.abortMultipartUpload(one -> one.bucket(bucket).key(key).uploadId(upload)));
  }

  @Override
  public void close() {
    client.close();
  }

  private static S3Client client(S3Settings settings) {
    var builder =
        S3Client.builder()
            .region(Region.of(settings.region()))
            .credentialsProvider(credentials())
            .serviceConfiguration(addressing(settings))
            // Stores that are not Amazon's do not all know the newer checksums; ours are in
            // Snapshot.
            .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
            .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
            .overrideConfiguration(
                all ->
                    all.retryStrategy(StandardRetryStrategy.builder().maxAttempts(TRIES).build()))
            .httpClientBuilder(
                UrlConnectionHttpClient.builder()
                    .connectionTimeout(CONNECTING)
                    .socketTimeout(SILENT));
    settings.endpoint().ifPresent(builder::endpointOverride);
    return builder.build();
  }

  static AwsCredentialsProvider credentials() {
    return DefaultCredentialsProvider.builder().build();
  }

  static S3Configuration addressing(S3Settings settings) {
    return S3Configuration.builder().pathStyleAccessEnabled(settings.pathStyle()).build();
  }

  /** The store understood, and does not do it: no such bucket, wrong credentials, no right. */
  private static final class Refused extends IOException {
    Refused(String message, Throwable cause) {
      super(message, cause);
    }
  }

  static <T> T call(Supplier<T> request) throws IOException {
    try {
      return request.get();
    } catch (AwsServiceException e) {
      int status = e.statusCode();
      String code = e.awsErrorDetails() == null ? "" : e.awsErrorDetails().errorCode();
      String message = "status %d %s".formatted(status, code == null ? "" : code).strip();
      throw status >= 400 && status < 500 && status != 408 && status != 429
          ? new Refused(message, e)
          : new IOException(message, e);
    } catch (SdkException e) {
      String message = String.valueOf(e.getMessage());
      String line = message.lines().findFirst().orElse(message);
      throw message.contains("load credentials")
          ? new Refused("no credentials (AWS_ACCESS_KEY_ID or another of the SDK's chain)", e)
          : new IOException(line, e);
    }
  }
}

package plaudit.snapshots.s3;

import com.typesafe.config.Config;
import java.net.URI;
import java.util.Optional;
import plaudit.input.InvalidInputException;

/**
 * How an S3-compatible store is reached: {@code plaudit.snapshots.s3}. Credentials are not among
 * it: they come by the SDK's own chain (environment, profile, container, instance).
 *
 * @param endpoint of a store that is not Amazon's
 * @param region as the store calls it
 * @param pathStyle whether the bucket is in the path and not in the host's name
 */
public record S3Settings(Optional<URI> endpoint, String region, boolean pathStyle) {

  private static final String PATH = "plaudit.snapshots.s3";

  public S3Settings {
    if (region.isBlank()) {
      throw InvalidInputException.of(PATH + ".region", region, "a region, such as us-east-1");
    }
  }

  /** Reads the section of the whole configuration. */
  public static S3Settings from(Config config) {
    String endpoint = config.getString(PATH + ".endpoint");
    return new S3Settings(
        endpoint.isEmpty() ? Optional.empty() : Optional.of(uri(endpoint)),
        config.getString(PATH + ".region"),
        config.getBoolean(PATH + ".path-style"));
  }

  private static URI uri(String endpoint) {
    if (!endpoint.matches("https?://[^/\\s]+/?")) {
      throw InvalidInputException.of(
          PATH + ".endpoint", endpoint, "http://HOST:PORT or https://HOST");
    }
    return URI.create(endpoint);
  }
}

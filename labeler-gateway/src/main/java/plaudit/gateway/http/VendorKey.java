package plaudit.gateway.http;

import com.typesafe.config.Config;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.regex.Pattern;
import plaudit.files.Sha256;
import plaudit.input.InvalidInputException;

/**
 * One vendor's or operator's API key, kept as a hash.
 *
 * @param vendor whose it is: a letter or digit, then letters, digits, dot, dash, underscore
 * @param sha256 SHA-256 of the key, 64 hex digits in lower case
 */
public record VendorKey(String vendor, String sha256) {

  /** The vendor under which judgments of the labeling page are kept; no key can have it. */
  public static final String PAGE = "page";

  /** Under this name the log keeps what operators do; no key can have it. */
  static final String OPERATOR = "operator";

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,79}");
  private static final Pattern HASH = Pattern.compile("[0-9a-f]{64}");
  private static final int SHORTEST = 24;
  private static final int RANDOM_BYTES = 24;

  public VendorKey {
    if (!NAME.matcher(vendor).matches() || vendor.equals(PAGE) || vendor.equals(OPERATOR)) {
      throw InvalidInputException.of(
          "plaudit.gateway name of a key",
          vendor,
          "1-80 letters, digits, '.', '-', '_', and not %s or %s".formatted(PAGE, OPERATOR));
    }
    if (!HASH.matcher(sha256).matches()) {
      throw InvalidInputException.of(
          "plaudit.gateway key-sha256 of " + vendor,
          sha256.length() + " characters",
          "64 hex digits in lower case");
    }
  }

  /** The vendor whose key is {@code key}. */
  public static VendorKey of(String vendor, String key) {
    if (key.length() < SHORTEST) {
      throw InvalidInputException.of(
          "plaudit.gateway key of " + vendor, key.length() + " characters", ">= " + SHORTEST);
    }
    return new VendorKey(vendor, Sha256.of(key));
  }

  /** Reads one entry of {@code plaudit.gateway.vendors} or {@code operators}. */
  public static VendorKey from(Config entry) {
    String name = entry.getString("name");
    if (entry.hasPath("key") == entry.hasPath("key-sha256")) {
      throw InvalidInputException.of(
          "plaudit.gateway entry of " + name,
          entry.hasPath("key") ? "key and key-sha256" : "no key",
          "either key or key-sha256");
    }
    return entry.hasPath("key")
        ? of(name, entry.getString("key"))
        : new VendorKey(name, entry.getString("key-sha256"));
  }

  /** A new key with 192 random bits and a prefix that secret scanners can find. */
  public static String generate(SecureRandom random) {
    byte[] bytes = new byte[RANDOM_BYTES];
    random.nextBytes(bytes);
    return "plaudit_" + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}

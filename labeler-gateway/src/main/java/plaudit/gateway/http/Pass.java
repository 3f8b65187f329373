package plaudit.gateway.http;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import plaudit.input.InvalidInputException;

/**
 * A person's labeler id, rights and end, signed with a secret of the label store: every gateway of
 * the store knows it, and nothing is kept of it. A browser has one as its cookie, an invitation
 * link carries one. Neither stands for the other.
 *
 * @param purpose what it is for
 * @param labelerId the person's labeler
 * @param operator whether the person also has an operator's rights
 * @param end when it is over
 */
public record Pass(Purpose purpose, String labelerId, boolean operator, Instant end) {

  /** What a pass is for. */
  public enum Purpose {
    /** A browser's cookie. */
    SESSION,
    /** A link by which a browser gets its cookie. */
    INVITATION
  }

  /** The name of the store's secret that signs passes. */
  public static final String SECRET = "passes";

  private static final Pattern SHAPE =
      Pattern.compile("(([A-Za-z0-9_-]{1,80})\\.([lo])\\.([0-9]{1,12}))\\.([A-Za-z0-9_-]{43})");
  private static final Pattern INVITED = Pattern.compile("(?!lb_)[A-Za-z0-9][A-Za-z0-9_-]{0,63}");

  /**
   * The invitation of one person.
   *
   * @param name the labeler it is for; pseudonyms of uninvited browsers begin with lb_
   */
  public static Pass invitation(String name, boolean operator, Instant end) {
    if (!INVITED.matcher(name).matches()) {
      throw InvalidInputException.of(
          "name",
          name,
          "1-64 letters, digits, '-', '_', the first a letter or digit, and not lb_...");
    }
    return new Pass(Purpose.INVITATION, name, operator, end);
  }

  /** As text: labeler, role, end in seconds since 1970, signature. */
  public String signed(byte[] secret) {
    String head = "%s.%s.%d".formatted(labelerId, operator ? "o" : "l", end.getEpochSecond());
    return head
        + "."
        + Base64.getUrlEncoder().withoutPadding().encodeToString(signature(secret, purpose, head));
  }

  /** The pass that a text is, if it was signed with this secret for this purpose; over or not. */
  static Optional<Pass> read(Purpose purpose, String text, byte[] secret) {
    Matcher matcher = SHAPE.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    byte[] presented = Base64.getUrlDecoder().decode(matcher.group(5));
    return MessageDigest.isEqual(signature(secret, purpose, matcher.group(1)), presented)
        ? Optional.of(
            new Pass(
                purpose,
                matcher.group(2),
                matcher.group(3).equals("o"),
                Instant.ofEpochSecond(Long.parseLong(matcher.group(4)))))
        : Optional.empty();
  }

  /** Whether its time has come. */
  boolean over(Instant now) {
    return !now.isBefore(end);
  }

  private static byte[] signature(byte[] secret, Purpose purpose, String head) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret, "HmacSHA256"));
      String text = purpose.name().toLowerCase(Locale.ROOT) + "\n" + head;
      return mac.doFinal(text.getBytes(StandardCharsets.US_ASCII));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}

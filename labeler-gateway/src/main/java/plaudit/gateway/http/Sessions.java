package plaudit.gateway.http;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Who a browser is: the cookie holds the labeler's pseudonym and an end, signed with a secret of
 * this process. Nothing is kept here, so any number of browsers costs nothing; after a restart a
 * browser is a new labeler.
 */
final class Sessions {

  private static final String COOKIE = "plaudit_session";
  private static final int SECRET_BYTES = 32;

  private static final Pattern SHAPE =
      Pattern.compile("(lb_[A-Za-z0-9_-]{16})\\.([0-9]{10,12})\\.([A-Za-z0-9_-]{43})");
  private static final Pattern PORT = Pattern.compile("[0-9]{1,5}");
  private static final int PSEUDONYM_BYTES = 12;

  private final byte[] secret;
  private final SecureRandom random;
  private final InstantSource clock;
  private final Duration lifetime;

  Sessions(SecureRandom random, InstantSource clock, Duration lifetime) {
    this.secret = new byte[SECRET_BYTES];
    random.nextBytes(secret);
    this.random = random;
    this.clock = clock;
    this.lifetime = lifetime;
  }

  /** Cookies know no ports: two gateways of one host must not take each other's. */
  static String cookieName(String host) {
    int colon = host.lastIndexOf(':');
    String port = host.substring(colon + 1);
    return colon >= 0 && PORT.matcher(port).matches() ? COOKIE + "_" + port : COOKIE;
  }

  /** A cookie's value for a new labeler. */
  String issue() {
    byte[] pseudonym = new byte[PSEUDONYM_BYTES];
    random.nextBytes(pseudonym);
    String head = "lb_" + encode(pseudonym) + "." + clock.instant().plus(lifetime).getEpochSecond();
    return head + "." + encode(sign(head));
  }

  /** The labeler of a cookie's value, if it is ours and not over. */
  Optional<Caller.Person> read(String cookie) {
    Matcher matcher = SHAPE.matcher(cookie);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    byte[] expected = sign(matcher.group(1) + "." + matcher.group(2));
    byte[] presented = Base64.getUrlDecoder().decode(matcher.group(3));
    boolean ours = MessageDigest.isEqual(expected, presented);
    Instant end = Instant.ofEpochSecond(Long.parseLong(matcher.group(2)));
    return ours && clock.instant().isBefore(end)
        ? Optional.of(new Caller.Person(matcher.group(1)))
        : Optional.empty();
  }

  private byte[] sign(String head) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret, "HmacSHA256"));
      return mac.doFinal(head.getBytes(StandardCharsets.US_ASCII));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String encode(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}

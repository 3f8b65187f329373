package plaudit.gateway.http;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Pattern;
import plaudit.gateway.http.Pass.Purpose;

/**
 * Who a browser is: its cookie is a {@link Pass}, signed with a secret of the label store. A
 * browser stays the same labeler through restarts and at every gateway of the store.
 */
final class Sessions {

  private static final String COOKIE = "plaudit_session";

  private static final Pattern PORT = Pattern.compile("[0-9]{1,5}");
  private static final int PSEUDONYM_BYTES = 12;

  private final byte[] secret;
  private final SecureRandom random;
  private final InstantSource clock;
  private final Duration lifetime;

  Sessions(byte[] secret, SecureRandom random, InstantSource clock, Duration lifetime) {
    this.secret = secret.clone();
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
    return issue("lb_" + Base64.getUrlEncoder().withoutPadding().encodeToString(pseudonym), false);
  }

  /** A cookie's value for a known labeler. */
  String issue(String labelerId, boolean operator) {
    Instant end = clock.instant().plus(lifetime);
    return new Pass(Purpose.SESSION, labelerId, operator, end).signed(secret);
  }

  /** Whom a cookie's value names, if it is ours and not over. */
  Optional<Pass> read(String cookie) {
    return overOrNot(cookie).filter(pass -> !pass.over(clock.instant()));
  }

  /** Whom a cookie's value names or named, if it is ours. */
  Optional<Pass> overOrNot(String cookie) {
    return Pass.read(Purpose.SESSION, cookie, secret);
  }

  /** Whether more than half of a session's time is gone. */
  boolean aging(Pass session) {
    return session.over(clock.instant().plus(lifetime.dividedBy(2)));
  }

  /** Whom an invitation names, if it is ours and not over. */
  Optional<Pass> accept(String invitation) {
    return Pass.read(Purpose.INVITATION, invitation, secret)
        .filter(pass -> !pass.over(clock.instant()));
  }

  /** The invitation of one person, as a link carries it. */
  String invite(String name, boolean operator, Duration valid) {
    return Pass.invitation(name, operator, clock.instant().plus(valid)).signed(secret);
  }
}

package plaudit.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;

class SessionsTest {

  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  private final Sessions sessions = at(NOW);

  @Test
  void aCookieNamesOneLabelerUntilItEnds() {
    Sessions short1 = new Sessions(new SecureRandom(), InstantSource.fixed(NOW), Duration.ZERO);
    String cookie = sessions.issue();
    assertThat(sessions.read(cookie)).isPresent().isEqualTo(sessions.read(cookie));
    assertThat(sessions.read(sessions.issue())).isNotEqualTo(sessions.read(cookie));
    assertThat(short1.read(short1.issue())).isEmpty();
  }

  @Test
  void aCookieThatWasChangedOrComesFromElsewhereIsNobodys() {
    String cookie = sessions.issue();
    for (int i = 0; i < cookie.length(); i++) {
      char other = cookie.charAt(i) == 'A' ? 'B' : 'A';
      String changed = cookie.substring(0, i) + other + cookie.substring(i + 1);
      // The last base64 digit carries two unused bits; a change there may be no change.
      assertThat(sessions.read(changed).isEmpty() || i == cookie.length() - 1).isTrue();
    }
    assertThat(at(NOW).read(cookie)).isEmpty();
    assertThat(sessions.read("")).isEmpty();
  }

  private static Sessions at(Instant now) {
    return new Sessions(new SecureRandom(), InstantSource.fixed(now), Duration.ofDays(30));
  }
}

package plaudit.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import plaudit.gateway.http.Pass.Purpose;
import plaudit.input.InvalidInputException;

class SessionsTest {

  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final Duration LIFE = Duration.ofDays(30);

  private final Sessions sessions = at(1, NOW);

  @Test
  void aCookieNamesOneLabelerUntilItEnds() {
    String cookie = sessions.issue();
    assertThat(sessions.read(cookie)).isPresent().isEqualTo(sessions.read(cookie));
    assertThat(sessions.read(sessions.issue())).isNotEqualTo(sessions.read(cookie));
    assertThat(at(1, NOW.plus(LIFE).minusSeconds(1)).read(cookie)).isPresent();
    assertThat(at(1, NOW.plus(LIFE)).read(cookie)).isEmpty();
  }

  @Test
  void everyProcessWithTheStoresSecretKnowsThePeopleOfTheOthers() {
    String cookie = sessions.issue("anna", true);
    assertThat(at(1, NOW.plusSeconds(5)).read(cookie))
        .contains(new Pass(Purpose.SESSION, "anna", true, NOW.plus(LIFE)));
    assertThat(at(2, NOW).read(cookie)).isEmpty();
  }

  @Test
  void aSessionThatIsOverStillSaysWhoseItWas() {
    String cookie = sessions.issue("anna", false);
    Sessions later = at(1, NOW.plus(LIFE));
    assertThat(later.read(cookie)).isEmpty();
    assertThat(later.overOrNot(cookie).map(Pass::labelerId)).contains("anna");
  }

  @Test
  void aSessionAgesWhenHalfOfItIsOver() {
    Pass pass = sessions.read(sessions.issue()).orElseThrow();
    assertThat(at(1, NOW.plus(Duration.ofDays(14))).aging(pass)).isFalse();
    assertThat(at(1, NOW.plus(Duration.ofDays(16))).aging(pass)).isTrue();
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
    assertThat(sessions.read("")).isEmpty();
    String labeler = sessions.issue("anna", false);
    assertThat(sessions.read(labeler.replace(".l.", ".o."))).isEmpty();
  }

  @Test
  void anInvitationNamesOnePersonAndIsNoCookieNorACookieAnInvitation() {
    String invitation = sessions.invite("anna", true, Duration.ofDays(3));
    assertThat(at(1, NOW.plus(Duration.ofDays(2))).accept(invitation))
        .contains(new Pass(Purpose.INVITATION, "anna", true, NOW.plus(Duration.ofDays(3))));
    assertThat(at(1, NOW.plus(Duration.ofDays(3))).accept(invitation)).isEmpty();
    assertThat(at(2, NOW).accept(invitation)).isEmpty();
    assertThat(sessions.read(invitation)).isEmpty();
    assertThat(sessions.accept(sessions.issue("anna", true))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "lb_0123456789abcdef", "a b", "-a", "a.b", "\u00e4", "a\n"})
  void aNameThatNoInvitationCanHaveIsRefused(String name) {
    assertThatThrownBy(() -> sessions.invite(name, false, LIFE))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageStartingWith("name: ");
    assertThatThrownBy(() -> sessions.invite("a".repeat(65), false, LIFE))
        .isInstanceOf(InvalidInputException.class);
  }

  private static Sessions at(int secret, Instant now) {
    byte[] bytes = new byte[32];
    Arrays.fill(bytes, (byte) secret);
    return new Sessions(bytes, new SecureRandom(), InstantSource.fixed(now), LIFE);
  }
}

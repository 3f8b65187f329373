package plaudit.node.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class EtaTest {

  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private final Eta eta = new Eta(Duration.ofMinutes(1));

  @Test
  void nobodyCanTellBeforeSomethingIsDone() {
    assertThat(eta.until(10)).isEmpty();
    eta.mark(START, 0);
    eta.mark(START.plusSeconds(5), 0);
    assertThat(eta.until(10)).isEmpty();
  }

  @Test
  void aSteadyPaceGoesOn() {
    for (int i = 0; i <= 10; i++) {
      eta.mark(START.plusSeconds(2L * i), i);
    }

    assertThat(eta.perSecond()).hasValue(0.5);
    assertThat(eta.until(40)).contains(Duration.ofMinutes(1));
    assertThat(eta.until(5)).contains(Duration.ZERO);
  }

  @Test
  void onlyTheLastWhileCounts() {
    eta.mark(START, 0);
    for (int i = 0; i <= 70; i++) {
      eta.mark(START.plusSeconds(3600 + i), 10.0 * i);
    }

    assertThat(eta.perSecond()).hasValue(10);
  }

  @Test
  void workSlowerThanTheWindowStillHasAPace() {
    eta.mark(START, 1);
    eta.mark(START.plusSeconds(600), 2);
    eta.mark(START.plusSeconds(1200), 3);

    assertThat(eta.until(4)).contains(Duration.ofMinutes(10));
  }
}

package plaudit.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class WilsonTest {

  @Test
  void textbookIntervalsComeOut() {
    assertInterval(Wilson.of(5, 10), .5, .2366, .7634);
    assertInterval(Wilson.of(0, 10), 0, 0, .2775);
    assertInterval(Wilson.of(88, 100), .88, .8019, .9300);
  }

  @Test
  void withoutTrialsAnythingIsPossible() {
    assertThat(Wilson.of(0, 0)).isEqualTo(new Wilson(.5, 0, 1));
  }

  @Test
  void moreSuccessesThanTrialsAreRefused() {
    assertThatThrownBy(() -> Wilson.of(3, 2))
        .hasMessage("successes, trials: 3.0, 2 (expected: 0 <= successes <= trials)");
  }

  @Property
  void theIntervalHoldsTheShareAndNarrowsWithMoreTrials(
      @ForAll @IntRange(min = 1, max = 1_000) int trials,
      @ForAll @IntRange(min = 0, max = 100) int percent) {
    Wilson few = Wilson.of(trials * percent / 100d, trials);
    Wilson many = Wilson.of(4 * (trials * percent / 100d), 4L * trials);

    assertThat(few.low()).isBetween(0d, few.share());
    assertThat(few.high()).isBetween(few.share(), 1d);
    assertThat(many.high() - many.low()).isLessThan(few.high() - few.low());
  }

  private static void assertInterval(Wilson wilson, double share, double low, double high) {
    assertThat(wilson.share()).isCloseTo(share, within(1e-9));
    assertThat(wilson.low()).isCloseTo(low, within(1e-4));
    assertThat(wilson.high()).isCloseTo(high, within(1e-4));
  }
}

package plaudit.language;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import plaudit.input.InvalidInputException;

class RateSweepTest {

  /** Paper 1.5. */
  @Test
  void eightRatesGoFromOneToThreeTenThousandthsInEvenRatios() {
    RateSweep sweep = RateSweep.between(1e-4, 3e-4, 8);

    assertThat(sweep.rates()).hasSize(8).isSorted();
    assertThat(sweep.rates().get(0)).isEqualTo(1e-4, within(1e-12));
    assertThat(sweep.rates().get(7)).isEqualTo(3e-4, within(1e-12));
    for (int i = 1; i < 8; i++) {
      assertThat(sweep.rates().get(i) / sweep.rates().get(i - 1))
          .isEqualTo(Math.pow(3, 1.0 / 7), within(1e-9));
    }
  }

  @Test
  void ratesAreTriedInOrderAndTheLeastLossWins() {
    RateSweep sweep = RateSweep.between(1e-4, 3e-4, 3).with(2.5).with(2.0);

    assertThat(sweep.next()).contains(sweep.rates().get(2));
    RateSweep done = sweep.with(2.0);
    assertThat(done.next()).isEmpty();
    assertThat(done.best()).contains(new RateSweep.Result(done.rates().get(1), 2.0));
  }

  @Test
  void aRateThatDivergedNeverWins() {
    RateSweep sweep = RateSweep.between(1e-4, 3e-4, 2).with(Double.NaN);

    assertThat(sweep.best()).isEmpty();
    assertThat(sweep.with(9).best().orElseThrow().loss()).isEqualTo(9);
  }

  @Test
  void aRateMustBePositiveAndASweepHaveARange() {
    assertThatThrownBy(() -> RateSweep.of(0))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage("learning-rate: 0.0 (expected: > 0)");
    assertThatThrownBy(() -> RateSweep.between(1e-4, 3e-4, 1))
        .hasMessage("rates of a sweep: 1 (expected: >= 2)");
    assertThatThrownBy(() -> RateSweep.between(3e-4, 1e-4, 8))
        .hasMessage("learning rates of a sweep: 3.0E-4 to 1.0E-4 (expected: 0 < lowest < highest)");
  }
}

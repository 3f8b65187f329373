package plaudit.eval.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class BootstrapTest {

  @Test
  void theSameSeedGivesTheSameInterval() {
    double[] values = {1, 2, 3, 4, 10};

    assertThat(bootstrap(7).mean(values)).isEqualTo(bootstrap(7).mean(values));
    assertThat(bootstrap(7).mean(values).mean()).isEqualTo(4);
  }

  @Test
  void theIntervalIsAboutTwoStandardErrorsToEachSide() {
    SplittableRandom random = new SplittableRandom(3);
    double[] values = random.doubles(400).toArray();

    Estimate estimate = bootstrap(1).mean(values);

    // Uniform numbers have deviation sqrt(1/12) = 0.289; 1.96 * 0.289 / sqrt(400) = 0.0283.
    assertThat(estimate.high() - estimate.mean()).isBetween(.022, .035);
    assertThat(estimate.mean() - estimate.low()).isBetween(.022, .035);
  }

  @Test
  void aShareIsThatOfTheSumsNotTheMeanOfShares() {
    // 1 of 1 and 0 of 9: together 1 of 10, while the mean of the shares is one half.
    Estimate share = bootstrap(1).share(new double[] {1, 0}, new double[] {1, 9});

    assertThat(share.mean()).isEqualTo(.1);
  }

  @Property(tries = 100)
  void theMeanLiesWithinItsInterval(
      @ForAll @Size(min = 1, max = 30) List<@DoubleRange(min = -5, max = 5) Double> values) {
    Estimate estimate =
        bootstrap(1).mean(values.stream().mapToDouble(Double::doubleValue).toArray());

    assertThat(estimate.mean()).isBetween(estimate.low() - 1e-9, estimate.high() + 1e-9);
  }

  @Test
  void nothingHasNoMean() {
    assertThatThrownBy(() -> bootstrap(1).mean(new double[0]))
        .hasMessage("items: 0 (expected: at least one)");
  }

  private static Bootstrap bootstrap(long seed) {
    return new Bootstrap(1_000, new SplittableRandom(seed));
  }
}

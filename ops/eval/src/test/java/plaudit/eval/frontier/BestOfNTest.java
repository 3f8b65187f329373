package plaudit.eval.frontier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class BestOfNTest {

  @Test
  void theEstimateIsTheMeanOverAllSubsets() {
    // Of 1, 2, 4 the best of two is 2, 4, 4: 10/3. Of one: 7/3. Of three: 4.
    double[] expected = BestOfN.rewards(new double[] {4, 1, 2});

    assertThat(expected).containsExactly(new double[] {7 / 3.0, 10 / 3.0, 4}, within(1e-12));
  }

  @Test
  void divergenceIsZeroForOneAndGrowsLikeTheLogarithm() {
    assertThat(BestOfN.kl(1)).isZero();
    assertThat(BestOfN.kl(4)).isCloseTo(Math.log(4) - .75, within(1e-12));
  }

  @Property
  void moreSamplesNeverMakeTheBestWorse(
      @ForAll @Size(min = 1, max = 40) List<@DoubleRange(min = -9, max = 9) Double> drawn) {
    double[] rewards = array(drawn);
    double[] expected = BestOfN.rewards(rewards);

    for (int n = 1; n < expected.length; n++) {
      assertThat(expected[n]).isGreaterThanOrEqualTo(expected[n - 1] - 1e-9);
    }
    double highest = Arrays.stream(rewards).max().orElseThrow();
    double mean = Arrays.stream(rewards).average().orElseThrow();
    assertThat(expected[0]).isCloseTo(mean, within(1e-9));
    assertThat(expected[expected.length - 1]).isCloseTo(highest, within(1e-9));
  }

  @Test
  void thousandsOfSamplesAreNoTroubleForTheWeights() {
    double[] rewards = new double[4096];
    for (int i = 0; i < rewards.length; i++) {
      rewards[i] = (i + .5) / rewards.length;
    }

    double[] expected = BestOfN.rewards(rewards);

    // The best of n uniform numbers is n / (n + 1) on average.
    assertThat(expected[0]).isCloseTo(.5, within(1e-9));
    assertThat(expected[9]).isCloseTo(10 / 11.0, within(1e-3));
    assertThat(expected[99]).isCloseTo(100 / 101.0, within(1e-3));
  }

  private static double[] array(List<Double> numbers) {
    return numbers.stream().mapToDouble(Double::doubleValue).toArray();
  }
}

package plaudit.eval.frontier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class OptimumTest {

  @Test
  void twoSamplesHaveTheLogisticWeights() {
    // Rewards 0 and ln 3 at beta 1: weights 1/4 and 3/4; KL = 3/4 ln 3 - ln 2.
    Optimum optimum = Optimum.of(new double[] {0, Math.log(3)}, 1);

    assertThat(optimum.reward()).isCloseTo(.75 * Math.log(3), within(1e-12));
    assertThat(optimum.kl()).isCloseTo(.75 * Math.log(3) - Math.log(2), within(1e-12));
    assertThat(optimum.effectiveSamples()).isCloseTo(2 * Math.exp(-optimum.kl()), within(1e-12));
  }

  @Test
  void anExtremePriceOverflowsNothing() {
    double[] rewards = {-1e6, 3, 1e6};

    assertThat(Optimum.of(rewards, 1e-9).reward()).isEqualTo(1e6);
    assertThat(Optimum.of(rewards, 1e-9).kl()).isCloseTo(Math.log(3), within(1e-12));
    assertThat(Optimum.of(rewards, 1e-9).trustworthy()).isFalse();
    assertThat(Optimum.of(rewards, 1e15).reward()).isCloseTo(1, within(1e-2));
  }

  @Test
  void tenSamplesThatShareTheWeightAreTrusted() {
    double[] rewards = new double[100];
    Arrays.fill(rewards, 0, 10, 50);

    // Ten equal samples have all the weight: KL = ln(100 / 10), effective samples 10.
    assertThat(Optimum.of(rewards, 1).effectiveSamples()).isCloseTo(10, within(1e-9));
    rewards[0] = 0;
    assertThat(Optimum.of(rewards, 1).trustworthy()).isFalse();
    rewards[50] = 50;
    rewards[51] = 50;
    assertThat(Optimum.of(rewards, 1).trustworthy()).isTrue();
  }

  @Property
  void cheaperDivergenceBuysMoreOfBoth(
      @ForAll @Size(min = 1, max = 30) List<@DoubleRange(min = -9, max = 9) Double> drawn,
      @ForAll @DoubleRange(min = .01, max = 10) double beta) {
    double[] rewards = array(drawn);
    Optimum dear = Optimum.of(rewards, 2 * beta);
    Optimum cheap = Optimum.of(rewards, beta);

    assertThat(cheap.kl()).isGreaterThanOrEqualTo(dear.kl() - 1e-9);
    assertThat(cheap.reward()).isGreaterThanOrEqualTo(dear.reward() - 1e-9);
    assertThat(cheap.kl()).isBetween(0.0, Math.log(rewards.length) + 1e-9);
  }

  @Property
  void atAnInfinitePriceTheOptimumIsTheReference(
      @ForAll @Size(min = 1, max = 30) List<@DoubleRange(min = -9, max = 9) Double> drawn) {
    double[] rewards = array(drawn);
    Optimum optimum = Optimum.of(rewards, 1e12);

    assertThat(optimum.reward())
        .isCloseTo(Arrays.stream(rewards).average().orElseThrow(), within(1e-9));
    assertThat(optimum.kl()).isCloseTo(0, within(1e-9));
  }

  @Property
  void noPolicyHasMoreRewardAtItsDivergence(
      @ForAll @Size(min = 2, max = 20) List<@DoubleRange(min = -5, max = 5) Double> drawn,
      @ForAll @Size(min = 2, max = 20) List<@DoubleRange(min = .01, max = 1) Double> drawnWeights,
      @ForAll @DoubleRange(min = .1, max = 5) double beta) {
    int n = Math.min(drawn.size(), drawnWeights.size());
    double[] own = array(drawn.subList(0, n));
    double[] weights = array(drawnWeights.subList(0, n));
    double sum = Arrays.stream(weights).sum();
    double reward = 0;
    double kl = 0;
    for (int i = 0; i < n; i++) {
      double p = weights[i] / sum;
      reward += p * own[i];
      kl += p * Math.log(p * n);
    }
    Optimum optimum = Optimum.of(own, beta);

    // pi* maximises E[r] - beta KL among all weightings of the samples.
    assertThat(optimum.reward() - beta * optimum.kl())
        .isGreaterThanOrEqualTo(reward - beta * kl - 1e-9);
  }

  @Test
  void aPriceMustBePositive() {
    assertThatThrownBy(() -> Optimum.of(new double[] {1}, 0))
        .hasMessage("samples, beta: 1, 0.0 (expected: >= 1, > 0)");
  }

  private static double[] array(List<Double> numbers) {
    return numbers.stream().mapToDouble(Double::doubleValue).toArray();
  }
}

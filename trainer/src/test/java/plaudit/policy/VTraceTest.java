package plaudit.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import plaudit.policy.Advantages.Estimates;

class VTraceTest {

  private static final float[] REWARDS = {.1f, -.2f, 0, 1};
  private static final float[] VALUES = {.5f, .4f, .3f, .2f};
  private static final float[] RATIOS = {1.5f, .5f, .8f, 2};

  /**
   * Golden numbers: the sum of the paper's equation 1 written down term by term in Python, v_s =
   * V_s + sum over t of gamma^(t-s) (c_s ... c_{t-1}) delta_t, and A_s = r_s + gamma ((1 - lambda)
   * V_{s+1} + lambda v_{s+1}) - V_s. By hand for the third token of the first row: delta_4 = 1 - .2
   * = .8, delta_3 = .8 (0 + .2 - .3) = -.08, c_3 = .95 * .8, v_3 = .3 - .08 + .76 * .8 = .828.
   */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          1  | .95 | 1   | 1   | .59576  .5008  .828  1    | .09576  .2016  .66  .8
          .9 | 1   | 1   | 1   | .5059   .451   .78   1    | .0059   .102   .6   .8
          1  | .95 | 2   | 1   | .87012  .7896  1.436 1.8  | .37012  .7792  1.42 .8
          1  | .95 | 1.2 | 1.1 | .665695 .55856 .9496 1.16 | .150632 .31712 .812 .8
          """)
  void theGoldenTargetsAndAdvantages(
      double gamma, double lambda, double rho, double c, String targets, String advantages) {
    Estimates out = estimate(RATIOS, gamma, lambda, rho, c);
    assertThat(out.returns()[0]).containsExactly(numbers(targets), within(1e-5f));
    assertThat(out.advantages()[0]).containsExactly(numbers(advantages), within(1e-5f));
  }

  @Property
  void theRecursionIsTheSum(
      @ForAll @DoubleRange(min = .05, max = 4) double first,
      @ForAll @DoubleRange(min = .05, max = 4) double second,
      @ForAll @DoubleRange(min = .05, max = 4) double third,
      @ForAll @DoubleRange(min = .5, max = 1) double gamma,
      @ForAll @DoubleRange(min = 0, max = 1) double lambda,
      @ForAll @DoubleRange(min = 1, max = 3) double c,
      @ForAll @DoubleRange(min = 0, max = 2) double more) {
    float[] ratios = {(float) first, (float) second, (float) third, 1};
    Estimates out = estimate(ratios, gamma, lambda, c + more, c);
    double[] targets = sum(ratios, gamma, lambda, c + more, c);
    for (int s = 0; s < 4; s++) {
      double next = s < 3 ? targets[s + 1] : 0;
      double now = s < 3 ? VALUES[s + 1] : 0;
      double advantage = REWARDS[s] + gamma * ((1 - lambda) * now + lambda * next) - VALUES[s];
      assertThat((double) out.returns()[0][s]).isCloseTo(targets[s], within(1e-4));
      assertThat((double) out.advantages()[0][s]).isCloseTo(advantage, within(1e-4));
    }
  }

  @Property
  void onPolicyItIsGae(
      @ForAll @DoubleRange(min = .5, max = 1) double gamma,
      @ForAll @DoubleRange(min = 0, max = 1) double lambda) {
    Estimates plain =
        Advantages.estimate(new float[][] {REWARDS}, new float[][] {VALUES}, gamma, lambda);
    Estimates corrected = estimate(new float[] {1, 1, 1, 1}, gamma, lambda, 1, 1);
    assertThat(corrected.advantages()[0]).containsExactly(plain.advantages()[0], within(1e-6f));
    assertThat(corrected.returns()[0]).containsExactly(plain.returns()[0], within(1e-6f));
  }

  /** Equation 1 of the paper, forwards and term by term. */
  private static double[] sum(float[] w, double gamma, double lambda, double rho, double c) {
    double[] targets = new double[4];
    for (int s = 0; s < 4; s++) {
      targets[s] = VALUES[s];
      double trace = 1;
      for (int t = s; t < 4; t++) {
        double next = t < 3 ? VALUES[t + 1] : 0;
        double delta = Math.min(w[t], rho) * (REWARDS[t] + gamma * next - VALUES[t]);
        targets[s] += Math.pow(gamma, t - s) * trace * delta;
        trace *= lambda * Math.min(w[t], c);
      }
    }
    return targets;
  }

  private static Estimates estimate(
      float[] ratios, double gamma, double lambda, double rho, double c) {
    return VTrace.estimate(
        new float[][] {REWARDS},
        new float[][] {VALUES},
        new float[][] {ratios},
        gamma,
        lambda,
        new Correction(Correction.Kind.V_TRACE, 1, 1, rho, c));
  }

  private static float[] numbers(String text) {
    String[] words = text.trim().split("\\s+", -1);
    float[] numbers = new float[words.length];
    for (int i = 0; i < words.length; i++) {
      numbers[i] = Float.parseFloat(words[i]);
    }
    return numbers;
  }
}

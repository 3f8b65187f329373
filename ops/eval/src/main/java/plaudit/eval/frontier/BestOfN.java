package plaudit.eval.frontier;

import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * Sampling n responses and keeping the best: the baseline that needs no training.
 *
 * <p>Its expected reward is estimated from N samples without bias and with all of them at once, as
 * the mean over all subsets of n: of the sorted rewards r(1) to r(N), r(i) is the best of C(i - 1,
 * n - 1) subsets, so the estimate is sum of r(i) C(i - 1, n - 1) / C(N, n). The weights are made
 * from the largest downwards, w(N) = n / N and w(i - 1) = w(i) (i - n) / (i - 1), so no binomial is
 * ever computed.
 *
 * <p>Its KL from the reference is log n - (n - 1) / n where no two responses have the same reward;
 * ties make it less, so the formula is an upper bound (Stiennon et al. 2020, Beirami et al. 2024).
 */
public final class BestOfN {

  private BestOfN() {}

  /**
   * The expected reward of the best of n for n = 1 to N, shape {@code [N]}.
   *
   * @param rewards of N samples, finite, at least one
   */
  public static double[] rewards(double[] rewards) {
    return scores(rewards, rewards);
  }

  /**
   * The expected score of the sample that has the best reward of n, for n = 1 to N, shape {@code
   * [N]}.
   *
   * @param rewards of N samples, finite, at least one: they choose
   * @param scores of the same samples, by another judge
   */
  public static double[] scores(double[] rewards, double[] scores) {
    double[] sorted =
        IntStream.range(0, rewards.length)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> rewards[i]))
            .mapToDouble(i -> scores[i])
            .toArray();
    int total = sorted.length;
    double[] expected = new double[total];
    for (int n = 1; n <= total; n++) {
      double weight = (double) n / total;
      double sum = 0;
      for (int i = total; i >= n; i--) {
        sum += weight * sorted[i - 1];
        weight *= i > 1 ? (i - (double) n) / (i - 1) : 0;
      }
      expected[n - 1] = sum;
    }
    return expected;
  }

  /** The KL of the best of {@code n} from the reference, in nats. */
  public static double kl(int n) {
    if (n < 1) {
      throw new IllegalArgumentException("n: " + n + " (expected: >= 1)");
    }
    return Math.log(n) - (n - 1.0) / n;
  }
}

package plaudit.eval.frontier;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import plaudit.eval.measure.Bootstrap;
import plaudit.eval.measure.Estimate;

/**
 * Reward for KL, averaged over prompts.
 *
 * @param prompts how many
 * @param draws N, samples of rho a prompt
 * @param bestOfN for n = 1 to N
 * @param optimum one point a beta, in the order asked for
 */
public record FrontierReport(
    int prompts, int draws, List<BestPoint> bestOfN, List<OptimumPoint> optimum) {

  private static final int RESAMPLES = 1_000;

  public FrontierReport {
    bestOfN = List.copyOf(bestOfN);
    optimum = List.copyOf(optimum);
  }

  /**
   * The best of n.
   *
   * @param kl in nats, an upper bound
   * @param reward expected, with a bootstrap interval over prompts
   */
  public record BestPoint(int n, double kl, Estimate reward) {}

  /**
   * The optimum at one beta.
   *
   * @param kl mean, in nats
   * @param reward expected, with a bootstrap interval over prompts
   * @param effectiveSamples N exp(-KL) of the mean KL
   * @param trustworthy whether ten samples or more share the weight, so that KL is well below log N
   */
  public record OptimumPoint(
      double beta, double kl, Estimate reward, double effectiveSamples, boolean trustworthy) {}

  /**
   * Makes both curves.
   *
   * @param rewards of the samples of each prompt, shape {@code [prompts][N]}
   * @param betas KL coefficients, each {@code > 0}
   * @param seed of the bootstrap
   */
  public static FrontierReport of(double[][] rewards, double[] betas, long seed) {
    int draws = rewards[0].length;
    for (double[] own : rewards) {
      if (own.length != draws) {
        throw new IllegalArgumentException(
            "draws: %d and %d (expected: as many for each prompt)".formatted(draws, own.length));
      }
    }
    return new FrontierReport(
        rewards.length, draws, bestOfN(rewards, draws, seed), optimum(rewards, betas, seed));
  }

  private static List<BestPoint> bestOfN(double[][] rewards, int draws, long seed) {
    double[][] expected = Arrays.stream(rewards).map(BestOfN::rewards).toArray(double[][]::new);
    List<BestPoint> points = new ArrayList<>();
    for (int n = 1; n <= draws; n++) {
      int index = n - 1;
      double[] own = Arrays.stream(expected).mapToDouble(of -> of[index]).toArray();
      points.add(new BestPoint(n, BestOfN.kl(n), mean(own, seed)));
    }
    return points;
  }

  private static List<OptimumPoint> optimum(double[][] rewards, double[] betas, long seed) {
    List<OptimumPoint> points = new ArrayList<>();
    for (double beta : betas) {
      Optimum[] own =
          Arrays.stream(rewards).map(of -> Optimum.of(of, beta)).toArray(Optimum[]::new);
      double kl = Arrays.stream(own).mapToDouble(Optimum::kl).average().orElseThrow();
      Optimum mean = new Optimum(beta, 0, kl, rewards[0].length * Math.exp(-kl));
      points.add(
          new OptimumPoint(
              beta,
              kl,
              mean(Arrays.stream(own).mapToDouble(Optimum::reward).toArray(), seed),
              mean.effectiveSamples(),
              mean.trustworthy()));
    }
    return points;
  }

  private static Estimate mean(double[] values, long seed) {
    return new Bootstrap(RESAMPLES, new SplittableRandom(seed)).mean(values);
  }
}

package plaudit.eval.verdict;

import java.util.Arrays;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import plaudit.eval.frontier.BestOfN;
import plaudit.eval.measure.Bootstrap;
import plaudit.eval.measure.Estimate;

/**
 * What the base model reaches without training, at no more KL than the tuned model has: n of its
 * responses are sampled, and the run's reward model chooses one. The judge scores both.
 *
 * @param prompts how many
 * @param draws samples a prompt, the largest n that can be measured
 * @param n the largest measured whose KL is at most the tuned model's
 * @param kl of the best of n, in nats, an upper bound
 * @param score the judge's mean score of what the reward model chose, interval over prompts
 * @param byJudge the same where the judge itself had chosen: no reward model can do better
 * @param tuned the judge's mean score of the tuned model's texts on the same prompts
 * @param ahead by how much these score more, interval over prompts
 * @param enough the smallest n, chosen by the reward model, that scores as much as the tuned model
 */
public record BestOfBase(
    int prompts,
    int draws,
    int n,
    double kl,
    Estimate score,
    Estimate byJudge,
    double tuned,
    Estimate ahead,
    OptionalInt enough) {

  private static final int RESAMPLES = 2_000;

  /**
   * Compares.
   *
   * @param rewards the reward model's scores of the base model's samples, shape {@code
   *     [prompts][N]}
   * @param scores the judge's scores of the same, shape {@code [prompts][N]}
   * @param tuned the judge's mean score of the tuned model's texts, one a prompt
   * @param kl the tuned model's, in nats
   * @param seed of the bootstrap
   */
  public static BestOfBase of(
      double[][] rewards, double[][] scores, double[] tuned, double kl, long seed) {
    int prompts = rewards.length;
    if (prompts == 0 || scores.length != prompts || tuned.length != prompts) {
      throw new IllegalArgumentException(
          "prompts: %d, %d, %d (expected: as many of each, at least one)"
              .formatted(prompts, scores.length, tuned.length));
    }
    int draws = rewards[0].length;
    double[][] chosen = new double[prompts][];
    double[][] best = new double[prompts][];
    for (int i = 0; i < prompts; i++) {
      chosen[i] = BestOfN.scores(rewards[i], scores[i]);
      best[i] = BestOfN.rewards(scores[i]);
    }
    int n = 1;
    while (n < draws && BestOfN.kl(n + 1) <= kl) {
      n++;
    }
    double[] ahead = new double[prompts];
    for (int i = 0; i < prompts; i++) {
      ahead[i] = tuned[i] - chosen[i][n - 1];
    }
    double mean = Arrays.stream(tuned).average().orElseThrow();
    OptionalInt enough = OptionalInt.empty();
    for (int m = 1; m <= draws && enough.isEmpty(); m++) {
      if (Arrays.stream(column(chosen, m)).average().orElseThrow() >= mean) {
        enough = OptionalInt.of(m);
      }
    }
    return new BestOfBase(
        prompts,
        draws,
        n,
        BestOfN.kl(n),
        mean(column(chosen, n), seed),
        mean(column(best, n), seed),
        mean,
        mean(ahead, seed),
        enough);
  }

  /** Whether more draws would have allowed a larger n at the tuned model's KL. */
  public boolean cutByDraws(double tunedKl) {
    return n == draws && BestOfN.kl(draws + 1) <= tunedKl;
  }

  private static double[] column(double[][] of, int n) {
    return Arrays.stream(of).mapToDouble(own -> own[n - 1]).toArray();
  }

  private static Estimate mean(double[] values, long seed) {
    return new Bootstrap(RESAMPLES, new SplittableRandom(seed)).mean(values);
  }
}

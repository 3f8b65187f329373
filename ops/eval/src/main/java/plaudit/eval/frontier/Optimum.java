package plaudit.eval.frontier;

/**
 * The policy that PPO's objective E[r] - beta KL is largest for: pi*(y|x) proportional to rho(y|x)
 * exp(r(x, y) / beta) (paper 5.6). No policy has more reward at its KL.
 *
 * <p>Seen through N samples of rho with weights w proportional to exp(r / beta), summing to 1:
 * reward = sum of w r, KL = sum of w r / beta - log mean exp(r / beta). The exponents are taken
 * relative to the largest, so no beta is too small.
 *
 * <p>The weights of N samples cannot show more KL than log N: near it one sample has all the
 * weight, and a better one that was never drawn would change everything.
 *
 * @param beta the KL coefficient, {@code > 0}
 * @param reward expected, in the reward's units
 * @param kl from rho, in nats
 * @param effectiveSamples N exp(-KL): how many samples share the weight
 */
public record Optimum(double beta, double reward, double kl, double effectiveSamples) {

  /** With fewer samples sharing the weight, the numbers say more about the samples than rho. */
  private static final double FEWEST_SAMPLES = 10;

  /**
   * Estimates.
   *
   * @param rewards of N samples of rho to one prompt, finite, at least one
   */
  public static Optimum of(double[] rewards, double beta) {
    if (rewards.length == 0 || !(beta > 0)) {
      throw new IllegalArgumentException(
          "samples, beta: %d, %s (expected: >= 1, > 0)".formatted(rewards.length, beta));
    }
    double highest = Double.NEGATIVE_INFINITY;
    for (double reward : rewards) {
      highest = Math.max(highest, reward);
    }
    double weights = 0;
    double weighted = 0; // of rewards relative to the highest
    for (double reward : rewards) {
      double weight = Math.exp((reward - highest) / beta);
      weights += weight;
      weighted += weight * (reward - highest);
    }
    double below = weighted / weights;
    double kl = Math.max(0, below / beta - Math.log(weights / rewards.length));
    return new Optimum(beta, highest + below, kl, rewards.length * Math.exp(-kl));
  }

  /** Whether KL is well below log N: ten samples or more share the weight. */
  public boolean trustworthy() {
    return effectiveSamples >= FEWEST_SAMPLES;
  }
}

package plaudit.policy;

import java.util.List;
import plaudit.experience.Trajectory;

/**
 * Group-relative advantages (Shao et al. 2024): a response's reward less its group's mean, over the
 * group's standard deviation. A prompt whose responses hardly differ weighs as much as one whose
 * responses differ much.
 *
 * <p>The price of divergence is part of the reward, as in all other algorithms here, and not a term
 * of the loss: there the estimator usually taken (k3) has a biased gradient.
 *
 * @param correction for responses of an older policy
 */
public record Grpo(Correction correction) implements Objective {

  private static final double EPSILON = 1e-4;

  @Override
  public MinibatchTargets targets(
      List<List<Trajectory>> groups, double beta, ImportanceRatios proximal) {
    return GroupAdvantages.of(groups, beta, Grpo::advantages, proximal, correction);
  }

  /** A_i = (R_i - mean) / (sample standard deviation + 1e-4). */
  static double[] advantages(double[] rewards) {
    double mean = 0;
    for (double reward : rewards) {
      mean += reward / rewards.length;
    }
    double squares = 0;
    for (double reward : rewards) {
      squares += (reward - mean) * (reward - mean);
    }
    double deviation = Math.sqrt(squares / (rewards.length - 1));
    double[] advantages = new double[rewards.length];
    for (int i = 0; i < rewards.length; i++) {
      advantages[i] = (rewards[i] - mean) / (deviation + EPSILON);
    }
    return advantages;
  }

  @Override
  public int leastGroup() {
    return 2;
  }
}

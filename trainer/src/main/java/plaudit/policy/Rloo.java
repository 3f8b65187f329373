package plaudit.policy;

import java.util.List;
import plaudit.experience.Trajectory;

/**
 * REINFORCE, leave one out (Ahmadian et al. 2024): a response is worth its score less the price of
 * its divergence, and its advantage is what that exceeds the mean of the <em>other</em> responses
 * to the same prompt. An unbiased baseline without a value network.
 *
 * @param correction for responses of an older policy
 */
public record Rloo(Correction correction) implements Objective {

  @Override
  public MinibatchTargets targets(
      List<List<Trajectory>> groups, double beta, ImportanceRatios proximal) {
    return GroupAdvantages.of(groups, beta, Rloo::advantages, proximal, correction);
  }

  /** A_i = R_i - mean of R_j over j != i. */
  static double[] advantages(double[] rewards) {
    double sum = 0;
    for (double reward : rewards) {
      sum += reward;
    }
    double[] advantages = new double[rewards.length];
    for (int i = 0; i < rewards.length; i++) {
      advantages[i] = rewards[i] - (sum - rewards[i]) / (rewards.length - 1);
    }
    return advantages;
  }

  @Override
  public int leastGroup() {
    return 2;
  }
}

package plaudit.policy;

import java.util.List;
import plaudit.experience.Trajectory;

/**
 * The reward of each token (paper 3.5): reward_t = -beta (log pi_t - log rho_t), and the score on
 * top at the last index T-1, also where truncation happened earlier. The KL penalty is on all
 * sampled tokens, those after the truncation point included.
 *
 * <p>The signs are the whole point: a refactoring of the original code once flipped both and
 * trained overnight towards the worst possible text (paper 5.8).
 */
public final class TokenRewards {

  private TokenRewards() {}

  /**
   * The rewards of a batch, shape {@code [batch][T]}.
   *
   * @param trajectories what was sampled and how it was scored
   * @param beta KL coefficient
   */
  public static float[][] of(List<Trajectory> trajectories, double beta) {
    float[][] rewards = new float[trajectories.size()][];
    for (int i = 0; i < rewards.length; i++) {
      rewards[i] = of(trajectories.get(i), beta);
    }
    return rewards;
  }

  /** The rewards of one response, shape {@code [T]}. */
  public static float[] of(Trajectory trajectory, double beta) {
    float[] logprobs = trajectory.rollout().logprobs().toArray();
    float[] reference = trajectory.refLogprobs().toArray();
    float[] rewards = new float[logprobs.length];
    for (int t = 0; t < rewards.length; t++) {
      rewards[t] = (float) (beta * ((double) reference[t] - logprobs[t]));
    }
    rewards[rewards.length - 1] += trajectory.score();
    return rewards;
  }
}

package plaudit.policy;

import java.util.List;
import java.util.Optional;
import plaudit.experience.Trajectory;
import plaudit.policy.Advantages.Estimates;
import plaudit.policy.Correction.Kind;

/**
 * The paper's algorithm (3.5, 3.7 steps 1 to 4): rewards from score and divergence, whitened with
 * their mean kept; generalised advantages from the values of the rollout, or {@link VTrace}'s;
 * advantages whitened over the minibatch.
 *
 * @param gamma discount a token
 * @param lambda how far advantages look ahead
 * @param whitenRewards whether rewards are brought to variance 1
 * @param correction for responses of an older policy
 */
public record Ppo(double gamma, double lambda, boolean whitenRewards, Correction correction)
    implements Objective {

  /** As in the paper. */
  public Ppo(double gamma, double lambda, boolean whitenRewards) {
    this(gamma, lambda, whitenRewards, Correction.NONE);
  }

  @Override
  public MinibatchTargets targets(
      List<List<Trajectory>> groups, double beta, ImportanceRatios proximal) {
    List<Trajectory> batch = groups.stream().flatMap(List::stream).toList();
    float[][] rewards = TokenRewards.of(batch, beta);
    if (whitenRewards) {
      rewards = Whitening.whitenKeepingMean(rewards);
    }
    float[][] values =
        batch.stream().map(t -> t.rollout().values().toArray()).toArray(float[][]::new);
    Estimates estimates =
        correction.kind() == Kind.V_TRACE
            ? VTrace.estimate(
                rewards,
                values,
                batch.stream().map(proximal::ratios).toArray(float[][]::new),
                gamma,
                lambda,
                correction)
            : Advantages.estimate(rewards, values, gamma, lambda);
    float[][] advantages = Whitening.whiten(estimates.advantages());
    return new MinibatchTargets.AdvantageTargets(
        batch, advantages, Optional.of(estimates.returns()), proximal.weights(batch, correction));
  }

  @Override
  public int leastGroup() {
    return 1;
  }
}

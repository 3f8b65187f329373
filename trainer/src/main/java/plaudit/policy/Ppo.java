package plaudit.policy;

import java.util.List;
import java.util.Optional;
import plaudit.experience.Trajectory;
import plaudit.policy.Advantages.Estimates;

/**
 * The paper's algorithm (3.5, 3.7 steps 1 to 4): rewards from score and divergence, whitened with
 * their mean kept; generalised advantages from the values of the rollout; advantages whitened over
 * the minibatch.
 *
 * @param gamma discount a token
 * @param lambda how far advantages look ahead
 * @param whitenRewards whether rewards are brought to variance 1
 */
public record Ppo(double gamma, double lambda, boolean whitenRewards) implements Objective {

  @Override
  public Lesson lesson(List<List<Trajectory>> groups, double beta) {
    List<Trajectory> batch = groups.stream().flatMap(List::stream).toList();
    float[][] rewards = TokenRewards.of(batch, beta);
    if (whitenRewards) {
      rewards = Whitening.whitenKeepingMean(rewards);
    }
    float[][] values =
        batch.stream().map(t -> t.rollout().values().toArray()).toArray(float[][]::new);
    Estimates estimates = Advantages.estimate(rewards, values, gamma, lambda);
    float[][] advantages = Whitening.whiten(estimates.advantages());
    return new Lesson.Credit(batch, advantages, Optional.of(estimates.returns()));
  }

  @Override
  public int leastGroup() {
    return 1;
  }
}

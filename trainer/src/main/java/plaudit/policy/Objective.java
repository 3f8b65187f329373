package plaudit.policy;

import java.util.List;
import plaudit.experience.Trajectory;

/**
 * What an update makes of a minibatch: the one place where algorithms differ. Each is a pure rule
 * from scored rollouts to a {@link MinibatchTargets}; {@link PolicyStep} carries it out.
 *
 * <p>All of them climb the same hill, E[score] - beta KL(pi, rho), whose top is pi*(y|x) ~ rho(y|x)
 * exp(score / beta).
 */
public sealed interface Objective permits Ppo, Rloo, Grpo, OnlineDpo {

  /**
   * What to learn from a minibatch.
   *
   * @param groups trajectories of one prompt together; singletons without groups
   * @param beta price of one nat of divergence
   * @param proximal how much likelier the learner is to write what the samplers wrote
   */
  MinibatchTargets targets(List<List<Trajectory>> groups, double beta, ImportanceRatios proximal);

  /** The same if the learner is who sampled, or nothing is to be done about it. */
  default MinibatchTargets targets(List<List<Trajectory>> groups, double beta) {
    return targets(groups, beta, ImportanceRatios.NONE);
  }

  /** How many responses to one prompt it needs at least. */
  int leastGroup();
}

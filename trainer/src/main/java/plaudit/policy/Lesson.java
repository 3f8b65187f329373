package plaudit.policy;

import java.util.List;
import java.util.Optional;
import plaudit.experience.Trajectory;

/** What is to be learned from one minibatch. */
public sealed interface Lesson {

  /**
   * Make each token likelier by its advantage, within the clip range.
   *
   * @param batch the trajectories, in the order of the rows below; their log-probabilities are what
   *     ratios are taken to
   * @param advantages shape {@code [batch][T]}, ragged where responses end early
   * @param returns what the value estimates should have been, same shape; empty without them
   * @param weights of each token in the policy's loss, same shape; 1 without a {@link Correction}
   */
  // Raw arrays on purpose: they live for one update and are copied into tensors.
  @SuppressWarnings("ArrayRecordComponent")
  record Credit(
      List<Trajectory> batch, float[][] advantages, Optional<float[][]> returns, float[][] weights)
      implements Lesson {}

  /** Prefer one response of each pair to the other. */
  record Preferences(List<Pair> pairs) implements Lesson {}

  /**
   * Two responses to one prompt.
   *
   * @param target probability that the chosen one is preferred, 1 for certain
   */
  record Pair(Trajectory chosen, Trajectory rejected, double target) {}
}

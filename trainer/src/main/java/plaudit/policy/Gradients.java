package plaudit.policy;

/**
 * Computes the gradient of each optimizer step's minibatch: {@link GradientAccumulator} alone, or a
 * decorator of it that shares the rows with other nodes or repeats what an earlier run shared.
 */
@FunctionalInterface
public interface Gradients {

  /**
   * Adds the gradient of one minibatch to those of the networks.
   *
   * @param beta KL coefficient
   * @param stats takes what the losses measure on the way
   * @param unchanged the policy's version if no step has changed it since, else -1
   */
  void add(MinibatchTargets minibatch, double beta, UpdateStats stats, long unchanged);

  /**
   * An update begins; the minibatches of its steps follow.
   *
   * @param version that the update makes
   */
  default void begin(long version) {}

  /** The update has taken its steps; its weights are not published yet. */
  default void end() {}
}

package plaudit.policy;

/** Computes gradients of whole minibatches, alone or with the help of others. */
@FunctionalInterface
public interface Gradients {

  /**
   * Adds the gradient of one minibatch to those of the networks.
   *
   * @param beta price of one nat
   * @param stats takes what the losses say on the way
   * @param untouched the policy's version if no step has changed it since, else -1
   */
  void add(MinibatchTargets minibatch, double beta, UpdateStats stats, long untouched);

  /**
   * An update begins; the minibatches of its steps follow.
   *
   * @param version that it makes
   */
  default void begin(long version) {}

  /** The update has had its steps; nobody has seen yet what came of it. */
  default void end() {}

  /** All of it here. */
  static Gradients by(GradientAccumulator backward) {
    return (minibatch, beta, stats, untouched) ->
        backward.of(minibatch, minibatch.weight(), beta, stats, untouched);
  }
}

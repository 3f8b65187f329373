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
  void add(Lesson minibatch, double beta, UpdateStats stats, long untouched);

  /** All of it here. */
  static Gradients by(Backward backward) {
    return (minibatch, beta, stats, untouched) ->
        backward.of(minibatch, minibatch.weight(), beta, stats, untouched);
  }
}

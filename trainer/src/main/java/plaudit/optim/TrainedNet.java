package plaudit.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import plaudit.model.Compute;
import plaudit.model.Gpt2Script;
import plaudit.model.ModelConfig;
import plaudit.model.TorchProgram;
import plaudit.model.Weights;

/**
 * A network whose weights change: accumulates gradients of losses and takes Adam steps in place.
 *
 * <p>Adam is TensorFlow 1's (paper 3.8): {@code rate_t = rate * sqrt(1 - beta2^t) / (1 - beta1^t)},
 * {@code w -= rate_t * m / (sqrt(v) + epsilon)}. PyTorch puts epsilon after the correction of v and
 * is far more aggressive in the first steps when epsilon is as large as 1e-5.
 */
public final class TrainedNet implements AutoCloseable {

  private final ModelConfig config;
  private final TorchProgram program;
  private final Weights weights;
  private final Weights firstMoment;
  private final Weights secondMoment;
  private final NDList matrices;
  private final AdamSettings adam;
  private long steps;

  private TrainedNet(
      ModelConfig config,
      TorchProgram program,
      Weights weights,
      Weights firstMoment,
      Weights secondMoment,
      AdamSettings adam,
      long steps) {
    this.config = config;
    this.program = program;
    this.weights = weights;
    this.firstMoment = firstMoment;
    this.secondMoment = secondMoment;
    this.adam = adam;
    this.steps = steps;
    this.matrices = new NDList();
    weights.arrays().stream()
        .filter(array -> array.getShape().dimension() > 1)
        .forEach(matrices::add);
  }

  /** Starts with zero moments; owns {@code weights}, which must be trainable. */
  public static TrainedNet fresh(
      ModelConfig config, Weights weights, AdamSettings adam, Compute compute) {
    return resumed(
        config, weights, weights.zerosLike("m."), weights.zerosLike("v."), 0, adam, compute);
  }

  /** Goes on with an optimizer's saved state; owns all three. */
  public static TrainedNet resumed(
      ModelConfig config,
      Weights weights,
      Weights firstMoment,
      Weights secondMoment,
      long steps,
      AdamSettings adam,
      Compute compute) {
    String script = Gpt2Script.of(config) + TrainingScript.of(config);
    TorchProgram program = TorchProgram.compile(script, compute);
    return new TrainedNet(config, program, weights, firstMoment, secondMoment, adam, steps);
  }

  /** Like {@link #resumed}, with the losses of supervised training and those only. */
  public static TrainedNet supervised(
      ModelConfig config,
      Weights weights,
      Weights firstMoment,
      Weights secondMoment,
      long steps,
      AdamSettings adam,
      Compute compute) {
    TorchProgram program = TorchProgram.compile(SupervisedScript.of(config), compute);
    return new TrainedNet(config, program, weights, firstMoment, secondMoment, adam, steps);
  }

  /** The architecture. */
  public ModelConfig config() {
    return config;
  }

  /** A scope for the arrays of one computation. */
  public NDManager scope() {
    return program.scope();
  }

  /**
   * Runs a loss and adds its gradient to those of the weights.
   *
   * @param args arrays; the first must belong to {@code scope}
   * @return the loss's results, owned by {@code scope}; the first is the loss
   */
  public NDList backward(String loss, NDManager scope, NDArray... args) {
    NDList out = program.train(loss, scope, weights, args);
    program.backward(out.get(0));
    return out;
  }

  /** Runs a method of the forward pass without recording. */
  public NDList infer(String method, NDManager scope, Object... args) {
    return program.infer(method, scope, weights, args);
  }

  /** Runs a method that changes arrays in place, see {@link TorchProgram#update}. */
  NDList update(String method, NDManager scope, Object... args) {
    return program.update(method, scope, args);
  }

  /** The accumulated gradients, in the weights' order; the caller closes the list. */
  NDList gradients() {
    return program.gradients(weights);
  }

  /**
   * One Adam step with the accumulated gradients, which are zero afterwards.
   *
   * @param learningRate before the bias correction
   * @return the gradient's global norm before clipping
   */
  public double step(double learningRate) {
    steps++;
    double rate =
        learningRate
            * Math.sqrt(1 - Math.pow(adam.beta2(), (double) steps))
            / (1 - Math.pow(adam.beta1(), (double) steps));
    try (NDManager scope = program.scope();
        NDList gradients = program.gradients(weights)) {
      NDList norm =
          program.update(
              "adam",
              scope,
              weights.arrays(),
              gradients,
              firstMoment.arrays(),
              secondMoment.arrays(),
              matrices,
              rate,
              adam.beta1(),
              adam.beta2(),
              adam.epsilon(),
              learningRate * adam.weightDecay(),
              adam.clipNorm());
      return norm.get(0).getFloat();
    }
  }

  /** Overwrites a weight of one element. */
  public void set(int index, float value) {
    NDArray array = weights.arrays().get(index);
    if (array.size() != 1) {
      throw new IllegalArgumentException(
          "%s has %d elements (expected: 1)"
              .formatted(weights.specs().get(index).name(), array.size()));
    }
    try (NDManager scope = program.scope()) {
      program.update("assign", scope, array, (double) value);
    }
  }

  /** Optimizer steps so far. */
  public long steps() {
    return steps;
  }

  /** The weights, owned by this object. */
  public Weights weights() {
    return weights;
  }

  /** Adam's first moments, owned by this object. */
  public Weights firstMoment() {
    return firstMoment;
  }

  /** Adam's second moments, owned by this object. */
  public Weights secondMoment() {
    return secondMoment;
  }

  @Override
  public void close() {
    program.close();
    weights.close();
    firstMoment.close();
    secondMoment.close();
  }
}

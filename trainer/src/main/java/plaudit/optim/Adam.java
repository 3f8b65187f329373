package plaudit.optim;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import plaudit.model.TorchProgram;
import plaudit.model.Weights;

/**
 * Takes optimizer steps on a network with the gradients that it has accumulated.
 *
 * <p>Adam is TensorFlow 1's (paper 3.8): {@code rate_t = rate * sqrt(1 - beta2^t) / (1 - beta1^t)},
 * {@code w -= rate_t * m / (sqrt(v) + epsilon)}. PyTorch puts epsilon after the correction of v and
 * is far more aggressive in the first steps when epsilon is as large as 1e-5.
 */
public final class Adam implements AutoCloseable {

  private final Network network;
  private final AdamSettings settings;
  private final Weights firstMoment;
  private final Weights secondMoment;
  private final NDList matrices = new NDList();
  private final TorchProgram program;
  private long steps;

  private Adam(
      Network network,
      AdamSettings settings,
      Weights firstMoment,
      Weights secondMoment,
      long steps) {
    this.network = network;
    this.settings = settings;
    this.firstMoment = firstMoment;
    this.secondMoment = secondMoment;
    this.steps = steps;
    this.program = TorchProgram.compile(Losses.text("adam.py"), network.compute());
    network.trained().arrays().stream()
        .filter(array -> array.getShape().dimension() > 1)
        .forEach(matrices::add);
  }

  /** Starts with zero moments; owns {@code network}. */
  public static Adam fresh(Network network, AdamSettings settings) {
    Weights trained = network.trained();
    return resumed(network, settings, trained.zerosLike("m."), trained.zerosLike("v."), 0);
  }

  /** Goes on with saved moments after so many steps; owns all three. */
  public static Adam resumed(
      Network network,
      AdamSettings settings,
      Weights firstMoment,
      Weights secondMoment,
      long steps) {
    return new Adam(network, settings, firstMoment, secondMoment, steps);
  }

  /** What it changes, owned by this object. */
  public Network network() {
    return network;
  }

  /**
   * One step with the accumulated gradients, which are zero afterwards.
   *
   * @param learningRate before the bias correction
   * @return the gradient's global norm before clipping
   */
  public double step(double learningRate) {
    steps++;
    double rate =
        learningRate
            * Math.sqrt(1 - Math.pow(settings.beta2(), (double) steps))
            / (1 - Math.pow(settings.beta1(), (double) steps));
    try (NDManager scope = program.scope();
        NDList gradients = network.gradients()) {
      NDList norm =
          program.update(
              "adam",
              scope,
              network.trained().arrays(),
              gradients,
              firstMoment.arrays(),
              secondMoment.arrays(),
              matrices,
              rate,
              settings.beta1(),
              settings.beta2(),
              settings.epsilon(),
              learningRate * settings.weightDecay(),
              settings.clipNorm());
      return norm.get(0).getFloat();
    }
  }

  /** Steps so far. */
  public long steps() {
    return steps;
  }

  /** First moments, owned by this object. */
  public Weights firstMoment() {
    return firstMoment;
  }

  /** Second moments, owned by this object. */
  public Weights secondMoment() {
    return secondMoment;
  }

  /** Bytes of F32 kept: weights, and gradient and two moments of those that are trained. */
  public long bytes() {
    return 4 * (network.weights().parameters() + 3 * network.trained().parameters());
  }

  @Override
  public void close() {
    program.close();
    network.close();
    firstMoment.close();
    secondMoment.close();
  }
}

package plaudit.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.function.Function;
import plaudit.model.Compute;
import plaudit.model.Gpt2Layout;
import plaudit.model.Gpt2Script;
import plaudit.model.ModelConfig;
import plaudit.model.ScalarHead;
import plaudit.model.TensorSpec;
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
  private final Compute compute;
  private final TorchProgram program;
  private final Weights weights;
  private final Weights trained;
  private final Weights firstMoment;
  private final Weights secondMoment;
  private final boolean adapted;
  private final NDList matrices;
  private final AdamSettings adam;
  private long steps;

  private TrainedNet(
      ModelConfig config,
      String script,
      Weights weights,
      Weights trained,
      Weights firstMoment,
      Weights secondMoment,
      AdamSettings adam,
      long steps,
      Compute compute) {
    this.config = config;
    this.compute = compute;
    this.program = TorchProgram.compile(script, compute);
    this.weights = weights;
    this.trained = trained;
    this.firstMoment = firstMoment;
    this.secondMoment = secondMoment;
    this.adapted = weights != trained;
    this.adam = adam;
    this.steps = steps;
    this.matrices = new NDList();
    trained.arrays().stream()
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
    return whole(
        Gpt2Script.of(config) + TrainingScript.of(config),
        config,
        weights,
        firstMoment,
        secondMoment,
        steps,
        adam,
        compute);
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
    return whole(
        SupervisedScript.of(config),
        config,
        weights,
        firstMoment,
        secondMoment,
        steps,
        adam,
        compute);
  }

  private static TrainedNet whole(
      String script,
      ModelConfig config,
      Weights weights,
      Weights firstMoment,
      Weights secondMoment,
      long steps,
      AdamSettings adam,
      Compute compute) {
    return new TrainedNet(
        config, script, weights, weights, firstMoment, secondMoment, adam, steps, compute);
  }

  /** Starts with zero moments; owns both. */
  public static TrainedNet adapted(
      Adapters adapters, Weights base, Weights trained, AdamSettings adam, Compute compute) {
    return adapted(
        adapters,
        base,
        trained,
        trained.zerosLike("m."),
        trained.zerosLike("v."),
        0,
        adam,
        compute);
  }

  /**
   * A net whose weights stay while low-rank adapters beside them change.
   *
   * @param base the layout with a scalar head; gets no gradients
   * @param trained {@link Adapters#trained()}
   */
  public static TrainedNet adapted(
      Adapters adapters,
      Weights base,
      Weights trained,
      Weights firstMoment,
      Weights secondMoment,
      long steps,
      AdamSettings adam,
      Compute compute) {
    String text = Gpt2Script.of(adapters.config()) + TrainingScript.of(adapters.config());
    return new TrainedNet(
        adapters.config(),
        text + adapters.script(text),
        Weights.joined(List.of(base, trained)),
        trained,
        firstMoment,
        secondMoment,
        adam,
        steps,
        compute);
  }

  /** A net that gets gradients and makes no steps: no moments; owns {@code weights}. */
  public static TrainedNet withoutOptimizer(ModelConfig config, Weights weights, Compute compute) {
    return resumed(config, weights, none(compute), none(compute), 0, AdamSettings.paper(), compute);
  }

  /** The same with adapters beside frozen weights; owns both. */
  public static TrainedNet withoutOptimizer(
      Adapters adapters, Weights base, Weights trained, Compute compute) {
    return adapted(
        adapters, base, trained, none(compute), none(compute), 0, AdamSettings.paper(), compute);
  }

  private static Weights none(Compute compute) {
    return Weights.read(List.of(), spec -> ByteBuffer.allocateDirect(0), false, compute);
  }

  /** The architecture. */
  public ModelConfig config() {
    return config;
  }

  /** With how many threads it computes. */
  public int threads() {
    return program.threads();
  }

  /** Computes with so many threads from now on. */
  public void threads(int count) {
    program.threads(count);
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
    NDList out = program.train(named(loss), scope, weights, args);
    program.backward(out.get(0));
    return out;
  }

  /** Runs a method of the forward pass without recording. */
  public NDList infer(String method, NDManager scope, Object... args) {
    return program.infer(named(method), scope, weights, args);
  }

  /** Runs a method that changes arrays in place, see {@link TorchProgram#update}. */
  NDList update(String method, NDManager scope, Object... args) {
    return program.update(method, scope, args);
  }

  /** The accumulated gradients, in the weights' order; the caller closes the list. */
  NDList gradients() {
    return program.gradients(trained);
  }

  /** One trained weight's accumulated gradient as little-endian F32, copied out. */
  public ByteBuffer gradient(int index) {
    try (NDList gradients = program.gradients(trained)) {
      return gradients.get(index).toByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    }
  }

  /** Sets all gradients to zero. */
  public void clearGradients() {
    try (NDManager scope = program.scope();
        NDList gradients = program.gradients(trained)) {
      program.update("clear", scope, gradients);
    }
  }

  /**
   * Adds to the accumulated gradients what was computed elsewhere, one tensor in memory at a time.
   *
   * @param source gives the trained weights' gradients as little-endian F32 in direct buffers
   */
  public void addGradients(Function<TensorSpec, ByteBuffer> source) {
    try (NDList gradients = program.gradients(trained)) {
      each(gradients, source, "accumulate");
    }
  }

  /**
   * Overwrites the trained weights, one tensor in memory at a time.
   *
   * @param source gives them as little-endian F32 in direct buffers
   */
  public void load(Function<TensorSpec, ByteBuffer> source) {
    each(trained.arrays(), source, "put");
  }

  private void each(NDList arrays, Function<TensorSpec, ByteBuffer> source, String method) {
    for (int i = 0; i < arrays.size(); i++) {
      TensorSpec spec = trained.specs().get(i);
      try (NDManager scope = program.scope()) {
        NDArray other = scope.create(source.apply(spec), new Shape(spec.dims()), DataType.FLOAT32);
        program.update(method, scope, arrays.get(i), other);
      }
    }
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
        NDList gradients = program.gradients(trained)) {
      NDList norm =
          program.update(
              "adam",
              scope,
              trained.arrays(),
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

  private String named(String method) {
    return adapted ? "adapted_" + method : method;
  }

  /** Optimizer steps so far. */
  public long steps() {
    return steps;
  }

  /** Something that is done with weights. */
  @FunctionalInterface
  public interface Use {
    /** Reads them; they may be gone afterwards. */
    void of(Weights weights) throws IOException;
  }

  /** Lends the weights of an ordinary net: as they are, or with the adapters added in. */
  public void export(Use use) throws IOException {
    if (!adapted) {
      use.of(weights);
      return;
    }
    List<TensorSpec> specs = ScalarHead.VALUE.appendTo(Gpt2Layout.of(config));
    try (NDManager scope = program.scope()) {
      NDList merged = program.infer("merged", scope, weights);
      try (Weights whole =
          Weights.read(
              specs,
              spec -> merged.get(specs.indexOf(spec)).toByteBuffer().order(ByteOrder.LITTLE_ENDIAN),
              false,
              compute)) {
        use.of(whole);
      }
    }
  }

  /** What losses read, owned by this object: with adapters, the frozen ones and then theirs. */
  public Weights weights() {
    return weights;
  }

  /** What the optimizer changes, owned by this object: all weights unless there are adapters. */
  public Weights trained() {
    return trained;
  }

  /**
   * Bytes of F32 this net keeps: weights, and gradient and two moments of those that are trained.
   */
  public long bytes() {
    return 4 * (weights.parameters() + 3 * trained.parameters());
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

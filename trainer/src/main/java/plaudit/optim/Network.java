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
import plaudit.model.Layout;
import plaudit.model.ModelConfig;
import plaudit.model.Products;
import plaudit.model.ScalarHead;
import plaudit.model.TensorSpec;
import plaudit.model.TorchProgram;
import plaudit.model.Weights;

/**
 * A network that losses run through, forward and backward: weights, and the gradients that losses
 * add up. {@link Adam} changes the weights. Belongs to one thread.
 */
public final class Network implements AutoCloseable {

  private final ModelConfig config;
  private final Compute compute;
  private final TorchProgram program;
  private final Weights weights;
  private final Weights trained;

  private Network(
      ModelConfig config, String text, Weights weights, Weights trained, Compute compute) {
    this.config = config;
    this.compute = compute;
    this.program = TorchProgram.compile(text + Losses.text("inplace.py"), compute);
    this.weights = weights;
    this.trained = trained;
  }

  /** A network all of whose weights are trained; owns them, and they must be trainable. */
  public static Network of(ModelConfig config, Losses losses, Weights weights, Compute compute) {
    return new Network(
        config, losses.over(config, Products.recorded(compute)), weights, weights, compute);
  }

  /**
   * A policy whose weights are frozen while low-rank adapters beside them are trained; owns both.
   *
   * @param base the layout with a scalar head; gets no gradients
   * @param trained {@link Adapters#trained()}
   */
  public static Network adapted(Adapters adapters, Weights base, Weights trained, Compute compute) {
    String text = Losses.POLICY.over(adapters.config(), Products.recorded(compute));
    return new Network(
        adapters.config(),
        text + adapters.script(text),
        Weights.joined(List.of(base, trained)),
        trained,
        compute);
  }

  /** The architecture. */
  public ModelConfig config() {
    return config;
  }

  /** Device and threads. */
  Compute compute() {
    return compute;
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

  private String named(String method) {
    return weights == trained ? method : "adapted_" + method;
  }

  /** What losses read, owned by this object: with adapters, the frozen ones and then theirs. */
  public Weights weights() {
    return weights;
  }

  /** What is trained, owned by this object: all weights unless there are adapters. */
  public Weights trained() {
    return trained;
  }

  /** The accumulated gradients of what is trained, in order; the caller closes the list. */
  NDList gradients() {
    return program.gradients(trained);
  }

  /** One trained weight's accumulated gradient as little-endian F32, copied out. */
  public ByteBuffer gradient(int index) {
    try (NDList gradients = gradients()) {
      return gradients.get(index).toByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    }
  }

  /** Sets all gradients to zero. */
  public void clearGradients() {
    try (NDManager scope = program.scope();
        NDList gradients = gradients()) {
      program.update("clear", scope, gradients);
    }
  }

  /**
   * Adds to the accumulated gradients what was computed elsewhere, one tensor in memory at a time.
   *
   * @param source gives the trained weights' gradients as little-endian F32 in direct buffers
   */
  public void addGradients(Function<TensorSpec, ByteBuffer> source) {
    try (NDList gradients = gradients()) {
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

  /** Overwrites a weight of one element. */
  public void set(int index, float value) {
    NDArray array = weights.arrays().get(index);
    if (array.size() != 1) {
      throw new IllegalArgumentException(
          "%s has %d elements (expected: 1)"
              .formatted(weights.specs().get(index).name(), array.size()));
    }
    try (NDManager scope = program.scope()) {
      program.update("put", scope, array, scope.create(new float[] {value}, array.getShape()));
    }
  }

  /** Something that is done with weights. */
  @FunctionalInterface
  public interface Use {
    /** Reads them; they may be gone afterwards. */
    void of(Weights weights) throws IOException;
  }

  /** Lends the weights of an ordinary network: as they are, or with the adapters added in. */
  public void export(Use use) throws IOException {
    if (weights == trained) {
      use.of(weights);
      return;
    }
    List<TensorSpec> specs = ScalarHead.VALUE.appendTo(Layout.of(config));
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

  @Override
  public void close() {
    program.close();
    weights.close();
  }
}

package plaudit.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import plaudit.compute.ComputeThread;

/**
 * TorchScript text, compiled, and the only class that calls the PyTorch engine's own types.
 *
 * <p>Weights stay outside as ordinary arrays ({@link Weights}) and are handed to every call, so one
 * set serves scoring, decoding, losses and the optimizer. Two ways to call:
 *
 * <ul>
 *   <li>{@link #infer}: inference mode, plain numbers allowed as arguments; results cannot be
 *       differentiated;
 *   <li>{@link #train}: records a graph; {@link #backward} then adds to the weights' gradients.
 * </ul>
 *
 * <p>Gradient mode, the number of threads and the graph executor belong to the calling thread in
 * libtorch; each call sets all three. TorchScript's profiling executor is off: it runs the first
 * calls of a method as they stand and later ones rewritten, which rounds otherwise, so that a
 * learner that goes on from a checkpoint would differ in last bits from the one that wrote it.
 *
 * <p>One program may be used by one thread at a time; weights may be shared for inference.
 */
public final class TorchProgram implements AutoCloseable {

  private final NDManager manager;
  private final PtSymbolBlock module;
  private final List<Integer> packed;
  private int threads;
  private @Nullable Weights bound;
  private @Nullable IValue boundList;

  private TorchProgram(NDManager manager, PtSymbolBlock module, List<Integer> packed, int threads) {
    this.manager = manager;
    this.module = module;
    this.packed = packed;
    this.threads = threads;
  }

  /**
   * Compiles methods in the serialised dialect of TorchScript.
   *
   * @throws IllegalStateException if libtorch refuses the text
   */
  public static TorchProgram compile(String methods, Compute compute) {
    return compile(methods, compute, List.of());
  }

  /**
   * Compiles methods that read what their method {@code pack(w)} makes of a list of weights, if
   * {@code packed} names any. It is called when {@link #infer} first sees the weights.
   *
   * @param packed places of weights that are not needed any more when they are packed
   */
  static TorchProgram compile(String methods, Compute compute, List<Integer> packed) {
    NDManager manager = compute.newManager();
    try {
      byte[] archive = TorchScriptArchive.of(methods);
      PtSymbolBlock module =
          JniUtils.loadModule(
              (PtNDManager) manager, new ByteArrayInputStream(archive), false, false);
      return new TorchProgram(manager, module, packed, compute.threads());
    } catch (IOException e) {
      manager.close();
      throw new UncheckedIOException(e);
    } catch (RuntimeException e) {
      manager.close();
      throw new IllegalStateException("TorchScript does not compile: " + e.getMessage(), e);
    }
  }

  /** With how many threads it computes. */
  public int threads() {
    return threads;
  }

  /** Computes with so many threads from now on. */
  public void threads(int count) {
    threads = count;
  }

  /** A scope for the arrays of one computation: close it to free them all. */
  public NDManager scope() {
    return manager.newSubManager();
  }

  /**
   * Runs {@code method(args..., weights)} without recording anything.
   *
   * @param scope owns the results
   * @param args arrays, Integer/Long, Float/Double, in the method's order
   */
  public NDList infer(String method, NDManager scope, Weights weights, Object... args) {
    prepare(false);
    List<IValue> own = new ArrayList<>();
    try {
      IValue[] values = new IValue[args.length + 1];
      for (int i = 0; i < args.length; i++) {
        values[i] = value(args[i]);
        own.add(values[i]);
      }
      values[args.length] = list(weights);
      try (IValue result = IValueUtils.runMethod(module, method, values)) {
        return result.toNDList((PtNDManager) scope);
      }
    } finally {
      own.forEach(IValue::close);
    }
  }

  /**
   * Runs {@code method(args..., weights)} and records the graph.
   *
   * @param scope owns the results; must own {@code args[0]}
   */
  public NDList train(String method, NDManager scope, Weights weights, NDArray... args) {
    prepare(true);
    NDList inputs = new NDList();
    for (NDArray arg : args) {
      inputs.add(arg);
    }
    NDArray name = scope.zeros(new Shape(1));
    name.setName("module_method:" + method);
    inputs.add(name);
    inputs.addAll(weights.arrays());
    return IValueUtils.forward(module, inputs, true);
  }

  /** Adds the gradients of a scalar to those of the weights it was computed from. */
  public void backward(NDArray loss) {
    try (NDManager scope = manager.newSubManager()) {
      NDArray one = scope.ones(loss.getShape(), loss.getDataType());
      JniUtils.backward((PtNDArray) loss, (PtNDArray) one, false, false);
    }
    JniUtils.setGradMode(false);
  }

  /**
   * The gradients of all weights, in order, zeros where no loss has reached; close it after use.
   */
  public NDList gradients(Weights weights) {
    NDList gradients = new NDList();
    for (NDArray array : weights.arrays()) {
      PtNDArray gradient = JniUtils.getGradient((PtNDArray) array);
      gradients.add(gradient == null ? array.zerosLike() : gradient);
    }
    return gradients;
  }

  /** Sets all gradients to zero. */
  public void zeroGradients(Weights weights) {
    for (NDArray array : weights.arrays()) {
      JniUtils.zeroGrad((PtNDArray) array);
    }
  }

  /**
   * Runs a method over several lists of arrays and plain numbers, for instance an optimizer step in
   * place.
   *
   * @param args NDList, NDArray, Integer/Long, Float/Double
   */
  public NDList update(String method, NDManager scope, Object... args) {
    prepare(false);
    IValue[] values = new IValue[args.length];
    for (int i = 0; i < args.length; i++) {
      values[i] = value(args[i]);
    }
    try (IValue result = IValueUtils.runMethod(module, method, values)) {
      return result.toNDList((PtNDManager) scope);
    } finally {
      for (IValue value : values) {
        value.close();
      }
    }
  }

  private void prepare(boolean gradients) {
    ComputeThread.check();
    JniUtils.setGradMode(gradients);
    JniUtils.setGraphExecutorOptimize(false);
    if (JniUtils.getNumThreads() != threads) {
      JniUtils.setNumThreads(threads);
    }
  }

  private IValue list(Weights weights) {
    if (bound != weights || boundList == null) {
      release();
      boundList = packed.isEmpty() ? value(weights.arrays()) : packed(weights);
      bound = weights;
    }
    return boundList;
  }

  /** The packed list is the weights' own: another program of the same text reads the same. */
  private IValue packed(Weights weights) {
    return weights.packed(
        packed,
        () -> {
          try (IValue list = value(weights.arrays())) {
            return IValueUtils.runMethod(module, "pack", list);
          }
        });
  }

  private static IValue value(Object arg) {
    if (arg instanceof NDList list) {
      return IValue.listFrom(list.stream().map(PtNDArray.class::cast).toArray(PtNDArray[]::new));
    } else if (arg instanceof NDArray array) {
      return IValue.from((PtNDArray) array);
    } else if (arg instanceof Integer || arg instanceof Long) {
      return IValue.from(((Number) arg).longValue());
    } else if (arg instanceof Number number) {
      return IValue.from(number.doubleValue());
    }
    throw new IllegalArgumentException(
        "argument: " + arg.getClass() + " (expected: array, number)");
  }

  private void release() {
    if (boundList != null && packed.isEmpty()) {
      boundList.close();
    }
    boundList = null;
    bound = null;
  }

  /** Forgets the weights of the last call, so that their owner may close them. */
  public void unbind() {
    release();
  }

  @Override
  public void close() {
    release();
    module.close();
    manager.close();
  }
}

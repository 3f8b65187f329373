package plaudit.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.jni.IValue;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The weights of one network as ordinary F32 arrays, in a fixed order and with names: what a
 * forward pass reads, a learner changes and a snapshot stores. Close it to free the memory.
 */
public final class Weights implements AutoCloseable {

  private final NDManager manager;
  private final List<TensorSpec> specs;
  private final NDList arrays;
  private final List<Weights> parts;
  private @Nullable IValue packed;

  private Weights(NDManager manager, List<TensorSpec> specs, NDList arrays) {
    this(manager, specs, arrays, List.of());
  }

  private Weights(NDManager manager, List<TensorSpec> specs, NDList arrays, List<Weights> parts) {
    this.manager = manager;
    this.specs = List.copyOf(specs);
    this.arrays = arrays;
    this.parts = parts;
  }

  /**
   * Reads each tensor from {@code source}, a direct little-endian buffer of F32. Read-only weights
   * on the CPU are a view of the buffer (a mapped file is not copied); trainable ones are a copy.
   */
  public static Weights read(
      List<TensorSpec> specs,
      Function<TensorSpec, ByteBuffer> source,
      boolean trainable,
      Compute compute) {
    return read(specs, source, trainable, trainable, compute);
  }

  /** Like {@link #read}, always a copy, and without gradients. */
  static Weights copy(
      List<TensorSpec> specs, Function<TensorSpec, ByteBuffer> source, Compute compute) {
    return read(specs, source, true, false, compute);
  }

  private static Weights read(
      List<TensorSpec> specs,
      Function<TensorSpec, ByteBuffer> source,
      boolean copy,
      boolean trainable,
      Compute compute) {
    NDManager manager = compute.newManager();
    try {
      NDList arrays = new NDList(specs.size());
      for (TensorSpec spec : specs) {
        NDArray view = manager.create(source.apply(spec), new Shape(spec.dims()), DataType.FLOAT32);
        NDArray array = copy ? view.duplicate() : view;
        if (copy) {
          view.close();
        }
        if (trainable) {
          array.setRequiresGradient(true);
        }
        array.setName("w[]");
        arrays.add(array);
      }
      return new Weights(manager, specs, arrays);
    } catch (RuntimeException e) {
      manager.close();
      throw e;
    }
  }

  /** Arrays of zeros of the same shapes, without gradients: room for an optimizer's moments. */
  public Weights zerosLike(String prefix) {
    NDManager fresh = manager.getParentManager().newSubManager();
    NDList zeros = new NDList(arrays.size());
    List<TensorSpec> names = new ArrayList<>();
    for (int i = 0; i < arrays.size(); i++) {
      zeros.add(fresh.zeros(arrays.get(i).getShape(), DataType.FLOAT32));
      names.add(new TensorSpec(prefix + specs.get(i).name(), specs.get(i).shape()));
    }
    return new Weights(fresh, names, zeros);
  }

  /** All of {@code parts} as one list; closing it closes them. */
  public static Weights joined(List<Weights> parts) {
    NDList arrays = new NDList();
    List<TensorSpec> specs = new ArrayList<>();
    for (Weights part : parts) {
      arrays.addAll(part.arrays);
      specs.addAll(part.specs);
    }
    return new Weights(parts.get(0).manager, specs, arrays, List.copyOf(parts));
  }

  /** The same arrays under other names, for writing; owned by this object still. */
  public Weights named(String prefix) {
    return new Weights(
        manager,
        specs.stream().map(spec -> new TensorSpec(prefix + spec.name(), spec.shape())).toList(),
        arrays);
  }

  /**
   * A copy under other names that a learner may change on its own.
   *
   * @param prefix before each name
   */
  public Weights trainableCopy(String prefix) {
    NDManager fresh = manager.getParentManager().newSubManager();
    NDList copies = new NDList(arrays.size());
    List<TensorSpec> names = new ArrayList<>();
    for (int i = 0; i < arrays.size(); i++) {
      NDArray view = fresh.create(copy(i), arrays.get(i).getShape(), DataType.FLOAT32);
      NDArray copy = view.duplicate();
      view.close();
      copy.setRequiresGradient(true);
      copy.setName("w[]");
      copies.add(copy);
      names.add(new TensorSpec(prefix + specs.get(i).name(), specs.get(i).shape()));
    }
    return new Weights(fresh, names, copies);
  }

  /** Names and shapes, in order. */
  public List<TensorSpec> specs() {
    return specs;
  }

  /** The arrays, in the order of {@link #specs()}; owned by this object. */
  public NDList arrays() {
    return arrays;
  }

  /** The values of one tensor, copied out as a direct little-endian F32 buffer. */
  public ByteBuffer copy(int index) {
    ByteBuffer bytes = arrays.get(index).toByteBuffer();
    return bytes.order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * What a program's method {@code pack} makes of these arrays: made once, then kept in place of
   * the arrays that it replaces, which are closed.
   *
   * @param replaced places of those arrays
   */
  IValue packed(List<Integer> replaced, Supplier<IValue> pack) {
    IValue list = packed;
    if (list == null) {
      list = pack.get();
      packed = list;
      replaced.forEach(place -> arrays.get(place).close());
    }
    return list;
  }

  /** How many numbers in all. */
  public long parameters() {
    return specs.stream().mapToLong(TensorSpec::size).sum();
  }

  @Override
  public void close() {
    if (packed != null) {
      packed.close();
      packed = null;
    }
    parts.forEach(Weights::close);
    manager.close();
  }
}

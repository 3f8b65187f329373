package plaudit.model;

import java.util.Arrays;
import java.util.List;

/**
 * The name and shape of one weight.
 *
 * @param name as Hugging Face has it, without the {@code transformer.} prefix
 * @param shape rows first
 */
public record TensorSpec(String name, List<Long> shape) {

  public TensorSpec {
    shape = List.copyOf(shape);
  }

  /** A spec of these dimensions. */
  public static TensorSpec of(String name, long... dims) {
    return new TensorSpec(name, Arrays.stream(dims).boxed().toList());
  }

  /** The shape as an array. */
  public long[] dims() {
    return shape.stream().mapToLong(Long::longValue).toArray();
  }

  /** How many numbers it holds. */
  public long size() {
    long size = 1;
    for (long dim : shape) { // loops over all numbers ask again and again
      size = Math.multiplyExact(size, dim);
    }
    return size;
  }
}

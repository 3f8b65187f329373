package plaudit.language;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.random.RandomGenerator;
import plaudit.input.InvalidInputException;

/** A long text as token ids: where language-model training takes its windows from. */
public final class TokenStream {

  private final int[] ids;

  /**
   * Wraps the ids without copying.
   *
   * @throws InvalidInputException if there are fewer than two
   */
  public TokenStream(int[] ids) {
    if (ids.length < 2) {
      throw InvalidInputException.of("tokens of the training text", ids.length, "at least 2");
    }
    this.ids = ids;
  }

  /** How many tokens. */
  public int length() {
    return ids.length;
  }

  /** {@code rows} windows of {@code width} tokens at random places, shape {@code [rows, width]}. */
  NDArray randomWindows(NDManager scope, int rows, int width, RandomGenerator random) {
    long[] batch = new long[rows * width];
    for (int row = 0; row < rows; row++) {
      copy(random.nextInt(Math.max(1, ids.length - width + 1)), width, batch, row * width);
    }
    return scope.create(batch, new Shape(rows, width));
  }

  /** The {@code index}-th of the windows that follow one another, overlapping by one token. */
  NDArray window(NDManager scope, int index, int width) {
    long[] batch = new long[width];
    copy(index * (width - 1), width, batch, 0);
    return scope.create(batch, new Shape(1, width));
  }

  /** How many whole windows of {@code width} follow one another. */
  int windows(int width) {
    return (ids.length - 1) / (width - 1);
  }

  private void copy(int from, int width, long[] batch, int at) {
    for (int i = 0; i < width; i++) {
      batch[at + i] = from + i < ids.length ? ids[from + i] : -1;
    }
  }
}

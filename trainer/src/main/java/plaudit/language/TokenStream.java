package plaudit.language;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import plaudit.input.InvalidInputException;
import plaudit.model.Tokenizer;
import plaudit.tokens.Tokens;

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

  /**
   * The whole text as demonstrations of {@code context} tokens, each the continuation of its first
   * token; they overlap by one, so that every token but the first is learnt once.
   */
  public List<Demonstration> demonstrations(int context) {
    List<Demonstration> windows = new ArrayList<>();
    for (int from = 0; from + 1 < ids.length; from += context - 1) {
      int to = Math.min(from + context, ids.length);
      windows.add(
          new Demonstration(
              Tokens.of(ids[from]), Tokens.of(Arrays.copyOfRange(ids, from + 1, to))));
    }
    return windows;
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

  /** A growing text. */
  public static final class Builder {
    private int[] ids = new int[1 << 16];
    private int size;

    /** Adds a text, a line at a time: the tokenizer's time grows faster than its text. */
    public Builder add(String text, Tokenizer tokenizer) {
      text.lines().map(line -> line + "\n").forEach(line -> add(tokenizer.encode(line)));
      return this;
    }

    /** Adds tokens. */
    public Builder add(Tokens tokens) {
      if (size + tokens.length() > ids.length) {
        ids = Arrays.copyOf(ids, Math.max(2 * ids.length, size + tokens.length()));
      }
      System.arraycopy(tokens.toArray(), 0, ids, size, tokens.length());
      size += tokens.length();
      return this;
    }

    /** The whole of it. */
    public TokenStream build() {
      return new TokenStream(Arrays.copyOf(ids, size));
    }
  }
}

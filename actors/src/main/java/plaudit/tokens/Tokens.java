package plaudit.tokens;

import java.util.Arrays;
import java.util.stream.IntStream;

/** An immutable run of token ids, with value equality. Shape: {@code [length]}. */
public final class Tokens {

  private static final Tokens EMPTY = new Tokens(new int[0]);

  private final int[] ids;

  private Tokens(int[] ids) {
    this.ids = ids;
  }

  /** Copies {@code ids}; each must be {@code >= 0}. */
  public static Tokens of(int... ids) {
    for (int id : ids) {
      if (id < 0) {
        throw new IllegalArgumentException("token id: " + id + " (expected: >= 0)");
      }
    }
    return ids.length == 0 ? EMPTY : new Tokens(ids.clone());
  }

  /** The token at {@code index}. */
  public int get(int index) {
    return ids[index];
  }

  /** How many tokens. */
  public int length() {
    return ids.length;
  }

  /** A fresh copy of the ids. */
  public int[] toArray() {
    return ids.clone();
  }

  /** The ids in order. */
  public IntStream stream() {
    return Arrays.stream(ids);
  }

  /** The tokens from {@code from} (inclusive) to {@code to} (exclusive). */
  public Tokens slice(int from, int to) {
    return new Tokens(Arrays.copyOfRange(ids, from, to));
  }

  /** These tokens followed by {@code other}. */
  public Tokens concat(Tokens other) {
    int[] both = Arrays.copyOf(ids, ids.length + other.ids.length);
    System.arraycopy(other.ids, 0, both, ids.length, other.ids.length);
    return new Tokens(both);
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof Tokens other && Arrays.equals(ids, other.ids);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(ids);
  }

  @Override
  public String toString() {
    return Arrays.toString(ids);
  }
}

package plaudit.tokens;

import java.util.Arrays;

/**
 * One number for each token of a response (log-probabilities in nats, values), immutable and with
 * value equality. Shape: {@code [length]}.
 */
public final class PerToken {

  private final float[] values;

  private PerToken(float[] values) {
    this.values = values;
  }

  /** Copies {@code values}; each must be finite. */
  public static PerToken of(float... values) {
    for (float value : values) {
      if (!Float.isFinite(value)) {
        throw new IllegalArgumentException("per-token value: " + value + " (expected: finite)");
      }
    }
    return new PerToken(values.clone());
  }

  /** The number of the token at {@code index}. */
  public float get(int index) {
    return values[index];
  }

  /** How many tokens. */
  public int length() {
    return values.length;
  }

  /** The sum over the tokens, accumulated in double precision. */
  public double sum() {
    double sum = 0;
    for (float value : values) {
      sum += value;
    }
    return sum;
  }

  /** A fresh copy of the numbers. */
  public float[] toArray() {
    return values.clone();
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof PerToken other && Arrays.equals(values, other.values);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(values);
  }

  @Override
  public String toString() {
    return Arrays.toString(values);
  }
}

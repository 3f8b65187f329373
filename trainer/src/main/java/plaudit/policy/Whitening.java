package plaudit.policy;

import java.util.Arrays;

/**
 * Brings numbers to mean 0 and variance 1 over all elements of a minibatch (paper 3.7, step 4): (v
 * - mean) / sqrt(var + 1e-8), with the <em>population</em> variance, as the 2019 release has it;
 * the sample variance gives visibly different curves. In parts, each part is whitened by itself, as
 * each of the release's eight ranks does with its share of a minibatch.
 */
public final class Whitening {

  private static final double EPSILON = 1e-8;

  private Whitening() {}

  /** Mean 0 and variance 1: for advantages. */
  public static float[][] whiten(float[][] values) {
    return whiten(values, false);
  }

  /** Variance 1 around the mean they had: for rewards, whose level carries meaning. */
  public static float[][] whitenKeepingMean(float[][] values) {
    return whiten(values, true);
  }

  /** {@link #whiten(float[][])} of each of {@code parts} runs of rows by itself. */
  public static float[][] whiten(float[][] values, int parts) {
    return inParts(values, parts, false);
  }

  /** {@link #whitenKeepingMean(float[][])} of each of {@code parts} runs of rows by itself. */
  public static float[][] whitenKeepingMean(float[][] values, int parts) {
    return inParts(values, parts, true);
  }

  private static float[][] inParts(float[][] values, int parts, boolean keepMean) {
    if (parts < 1 || values.length % parts != 0) {
      throw new IllegalArgumentException(
          "parts to whiten: %d (expected: a divisor of %d rows)".formatted(parts, values.length));
    }
    int rows = values.length / parts;
    float[][] white = new float[values.length][];
    for (int from = 0; from < values.length; from += rows) {
      float[][] part = whiten(Arrays.copyOfRange(values, from, from + rows), keepMean);
      System.arraycopy(part, 0, white, from, rows);
    }
    return white;
  }

  private static float[][] whiten(float[][] values, boolean keepMean) {
    long count = 0;
    double sum = 0;
    for (float[] row : values) {
      for (float value : row) {
        count++;
        sum += value;
      }
    }
    if (count == 0) {
      throw new IllegalArgumentException("values to whiten: none (expected: at least one)");
    }
    double mean = sum / count;
    double squares = 0;
    for (float[] row : values) {
      for (float value : row) {
        squares += (value - mean) * (value - mean);
      }
    }
    double scale = 1 / Math.sqrt(squares / count + EPSILON);
    double level = keepMean ? mean : 0;
    float[][] white = new float[values.length][];
    for (int i = 0; i < values.length; i++) {
      white[i] = new float[values[i].length];
      for (int t = 0; t < values[i].length; t++) {
        white[i][t] = (float) ((values[i][t] - mean) * scale + level);
      }
    }
    return white;
  }
}

package plaudit.policy;

/**
 * Brings numbers to mean 0 and variance 1 over all elements of a minibatch (paper 3.7, step 4): (v
 * - mean) / sqrt(var + 1e-8), with the <em>population</em> variance, as the 2019 release has it;
 * the sample variance gives visibly different curves.
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

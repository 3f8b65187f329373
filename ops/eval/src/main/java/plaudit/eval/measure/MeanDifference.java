package plaudit.eval.measure;

import java.util.random.RandomGenerator;

/**
 * By how much the tuned texts score higher than the base texts of the same prompts. The interval is
 * a {@link Bootstrap} over prompts: it assumes nothing about the scores' distribution, which for
 * short texts has a lump at 0.
 *
 * @param prompts how many pairs
 * @param baseMean mean score of the base texts
 * @param tunedMean mean score of the tuned texts
 * @param deviation standard deviation of the differences (sample)
 * @param effect Cohen's d: the difference of the means over the pooled standard deviation of the
 *     scores; 0.2 is called small, 0.8 large. 0 where nothing varies
 * @param low lower end of the difference's 95 % interval
 * @param high upper end
 */
public record MeanDifference(
    int prompts,
    double baseMean,
    double tunedMean,
    double deviation,
    double effect,
    double low,
    double high) {

  private static final int RESAMPLES = 2_000;

  /**
   * Compares prompt by prompt.
   *
   * @param base scores of the base texts
   * @param tuned scores of the tuned texts, in the same order of prompts
   * @param random draws the resamples
   */
  public static MeanDifference of(double[] base, double[] tuned, RandomGenerator random) {
    requirePairs(base, tuned);
    int n = base.length;
    double[] differences = new double[n];
    for (int i = 0; i < n; i++) {
      differences[i] = tuned[i] - base[i];
    }
    Estimate difference = new Bootstrap(RESAMPLES, random).mean(differences);
    double baseMean = mean(base);
    double tunedMean = mean(tuned);
    double pooled = Math.sqrt((variance(base) + variance(tuned)) / 2);
    return new MeanDifference(
        n,
        baseMean,
        tunedMean,
        Math.sqrt(variance(differences)),
        pooled > 0 ? (tunedMean - baseMean) / pooled : 0,
        difference.low(),
        difference.high());
  }

  /**
   * The same of several texts a prompt, prompt after prompt. Texts of one prompt depend on each
   * other, so the interval and the deviation are those of the prompts' means.
   *
   * @param draws texts a prompt
   */
  public static MeanDifference ofPrompts(
      double[] base, double[] tuned, int draws, RandomGenerator random) {
    requirePairs(base, tuned);
    double[] before = means(base, draws);
    double[] after = means(tuned, draws);
    MeanDifference prompts = of(before, after, random);
    double pooled = Math.sqrt((variance(base) + variance(tuned)) / 2);
    return new MeanDifference(
        prompts.prompts(),
        prompts.baseMean(),
        prompts.tunedMean(),
        prompts.deviation(),
        pooled > 0 ? prompts.mean() / pooled : 0,
        prompts.low(),
        prompts.high());
  }

  private static double[] means(double[] values, int draws) {
    if (draws < 1 || values.length % draws != 0) {
      throw new IllegalArgumentException(
          "texts a prompt: %d (expected: a divisor of %d)".formatted(draws, values.length));
    }
    double[] means = new double[values.length / draws];
    for (int i = 0; i < values.length; i++) {
      means[i / draws] += values[i] / draws;
    }
    return means;
  }

  /** The mean of the differences. */
  public double mean() {
    return tunedMean - baseMean;
  }

  static void requirePairs(double[] base, double[] tuned) {
    if (base.length == 0 || base.length != tuned.length) {
      throw new IllegalArgumentException(
          "scores of base and tuned: %d, %d (expected: as many of each, at least one)"
              .formatted(base.length, tuned.length));
    }
    for (int i = 0; i < base.length; i++) {
      if (!Double.isFinite(base[i]) || !Double.isFinite(tuned[i])) {
        throw new IllegalArgumentException(
            "scores of prompt %d: %s, %s (expected: finite)".formatted(i, base[i], tuned[i]));
      }
    }
  }

  private static double mean(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value;
    }
    return sum / values.length;
  }

  private static double variance(double[] values) {
    if (values.length < 2) {
      return 0;
    }
    double mean = mean(values);
    double squares = 0;
    for (double value : values) {
      squares += (value - mean) * (value - mean);
    }
    return squares / (values.length - 1);
  }
}

package plaudit.reward;

import java.util.Arrays;

/**
 * The last step of a score: gain raw + bias (paper 1.3). Set so that responses of the reference
 * score 0 on average with standard deviation 1, before training (so that the first softmax sees
 * sensible logits) and after it (so that beta, and a penalty of -1, mean the same under every
 * reward version).
 *
 * @param gain factor
 * @param bias offset
 */
public record RewardScale(double gain, double bias) {

  /** The raw score itself: where every measurement starts. */
  public static final RewardScale IDENTITY = new RewardScale(1, 0);

  /**
   * Mean and standard deviation, of the population and not of a sample (paper 1.3).
   *
   * @param mean of the numbers
   * @param deviation root of the mean squared distance from it
   */
  public record Moments(double mean, double deviation) {

    /** What comparisons are scaled to, and what every reward model is in the end. */
    public static final Moments STANDARD = new Moments(0, 1);

    /** Those of {@code numbers}; not a number where there are none. */
    public static Moments of(double... numbers) {
      double mean = Arrays.stream(numbers).sum() / numbers.length;
      double squares = Arrays.stream(numbers).map(x -> (x - mean) * (x - mean)).sum();
      return new Moments(mean, Math.sqrt(squares / numbers.length));
    }
  }

  public RewardScale {
    if (!Double.isFinite(gain) || !Double.isFinite(bias)) {
      throw new IllegalArgumentException(
          "gain, bias: %s, %s (expected: finite)".formatted(gain, bias));
    }
  }

  /** The scale that gives these raw scores mean 0 and (population) standard deviation 1. */
  public static RewardScale normalising(float[] raw) {
    return normalising(raw, Moments.STANDARD);
  }

  /** The scale that gives these raw scores another mean and (population) standard deviation. */
  public static RewardScale normalising(float[] raw, Moments wanted) {
    if (raw.length == 0) {
      throw new IllegalArgumentException("raw scores: none (expected: at least two)");
    }
    double[] scores = new double[raw.length];
    for (int i = 0; i < raw.length; i++) {
      scores[i] = raw[i];
    }
    Moments now = Moments.of(scores);
    return moving(now.mean(), now.deviation(), wanted.mean(), wanted.deviation());
  }

  /**
   * The scale that moves one mean and standard deviation to another.
   *
   * @param mean of the raw scores
   * @param deviation of the raw scores, {@code > 0}
   * @param targetMean 0 for comparisons
   * @param targetDeviation 1 for comparisons
   */
  public static RewardScale moving(
      double mean, double deviation, double targetMean, double targetDeviation) {
    if (!Double.isFinite(mean) || !(deviation > 0 && Double.isFinite(deviation))) {
      throw new IllegalArgumentException(
          "mean and standard deviation of the raw scores: %s, %s (expected: finite, and > 0)"
              .formatted(mean, deviation));
    }
    double gain = targetDeviation / deviation;
    return new RewardScale(gain, targetMean - gain * mean);
  }

  /** The score of a raw score. */
  public double apply(double raw) {
    return gain * raw + bias;
  }
}

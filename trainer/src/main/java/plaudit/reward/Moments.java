package plaudit.reward;

import java.util.Arrays;

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

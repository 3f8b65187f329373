package plaudit.eval.measure;

import java.util.Arrays;
import java.util.function.ToDoubleFunction;
import java.util.random.RandomGenerator;

/**
 * Percentile bootstrap (Efron 1979): what was measured is measured again on samples drawn with
 * replacement from the same items, and the middle 95 % of these answers is the interval. It assumes
 * nothing about the distribution, only that the items are independent of one another; so an item is
 * a text or a prompt, never a word.
 *
 * @param resamples how many samples are drawn; ROUGE-1.5.5 takes 1,000
 * @param random draws them
 */
public record Bootstrap(int resamples, RandomGenerator random) {

  public Bootstrap {
    if (resamples < 1) {
      throw new IllegalArgumentException("resamples: " + resamples + " (expected: >= 1)");
    }
  }

  /** The mean of {@code values}, one an item. */
  public Estimate mean(double[] values) {
    return of(
        values.length,
        items -> {
          double sum = 0;
          for (int item : items) {
            sum += values[item];
          }
          return sum / items.length;
        });
  }

  /** A share of sums: of all items' {@code parts} in all items' {@code wholes}; 0 in nothing. */
  public Estimate share(double[] parts, double[] wholes) {
    if (parts.length != wholes.length) {
      throw new IllegalArgumentException(
          "parts, wholes: %d, %d (expected: as many)".formatted(parts.length, wholes.length));
    }
    return of(
        parts.length,
        items -> {
          double part = 0;
          double whole = 0;
          for (int item : items) {
            part += parts[item];
            whole += wholes[item];
          }
          return whole == 0 ? 0 : part / whole;
        });
  }

  private Estimate of(int count, ToDoubleFunction<int[]> statistic) {
    if (count == 0) {
      throw new IllegalArgumentException("items: 0 (expected: at least one)");
    }
    int[] items = new int[count];
    Arrays.setAll(items, i -> i);
    double measured = statistic.applyAsDouble(items);
    double[] again = new double[resamples];
    for (int r = 0; r < resamples; r++) {
      for (int i = 0; i < count; i++) {
        items[i] = random.nextInt(count);
      }
      again[r] = statistic.applyAsDouble(items);
    }
    Arrays.sort(again);
    return new Estimate(
        measured,
        again[(int) Math.floor(.025 * (resamples - 1))],
        again[(int) Math.ceil(.975 * (resamples - 1))]);
  }
}

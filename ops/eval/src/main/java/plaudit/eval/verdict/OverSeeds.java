package plaudit.eval.verdict;

import java.util.Arrays;
import plaudit.eval.measure.Estimate;

/** The mean of a number over runs that differ in their seed alone, with Student's 95 % interval. */
public final class OverSeeds {

  /** The 97.5 % quantile of Student's t for 1 to 30 degrees of freedom. */
  private static final double[] T = {
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160,
    2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056,
    2.052, 2.048, 2.045, 2.042
  };

  private static final double NORMAL = 1.96;

  private OverSeeds() {}

  /**
   * The mean.
   *
   * @param values one a seed, at least two
   */
  public static Estimate mean(double[] values) {
    if (values.length < 2) {
      throw new IllegalArgumentException("seeds: " + values.length + " (expected: >= 2)");
    }
    double mean = Arrays.stream(values).average().orElseThrow();
    double squares = Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum();
    int freedom = values.length - 1;
    double t = freedom <= T.length ? T[freedom - 1] : NORMAL;
    double half = t * Math.sqrt(squares / freedom / values.length);
    return new Estimate(mean, mean - half, mean + half);
  }
}

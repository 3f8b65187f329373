package plaudit.lab.plan;

import java.util.SplittableRandom;

/**
 * Times that vary as measured ones do: positive, with a tail.
 *
 * @param mean in seconds
 * @param spread standard deviation over the mean; 0 for always the mean
 */
public record LogNormal(double mean, double spread) {

  /** Draws one time, in seconds. */
  public double draw(SplittableRandom random) {
    if (spread == 0) {
      return mean;
    }
    double variance = Math.log1p(spread * spread);
    return mean * Math.exp(Math.sqrt(variance) * random.nextGaussian() - variance / 2);
  }
}

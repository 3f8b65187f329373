package plaudit.language;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import plaudit.input.InvalidInputException;

/**
 * Learning rates that are tried one after the other, and what came of them (paper 1.5: eight from
 * 1e-4 to 3e-4, evenly spaced in their logarithm; the least loss on held-out demonstrations wins).
 *
 * @param rates at least one
 * @param results of the first so many rates
 */
public record RateSweep(List<Double> rates, List<Result> results) {

  private static final double LOWEST = 1e-4;
  private static final double HIGHEST = 3e-4;

  public RateSweep {
    rates = List.copyOf(rates);
    results = List.copyOf(results);
  }

  /**
   * What came of a rate.
   *
   * @param loss nats a token on the held-out demonstrations; infinite if the training diverged
   */
  public record Result(double rate, double loss) {}

  /** A single rate. */
  public static RateSweep of(double rate) {
    if (!(rate > 0 && Double.isFinite(rate))) {
      throw InvalidInputException.of("learning-rate", rate, "> 0");
    }
    return new RateSweep(List.of(rate), List.of());
  }

  /** The paper's range in so many steps; its middle for one. */
  public static RateSweep paper(int count) {
    if (count < 1) {
      throw InvalidInputException.of("sweep", count, ">= 1");
    }
    List<Double> rates = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      double share = count == 1 ? 0.5 : (double) i / (count - 1);
      rates.add(LOWEST * Math.pow(HIGHEST / LOWEST, share));
    }
    return new RateSweep(rates, List.of());
  }

  /** The next rate to try; empty when all were. */
  public Optional<Double> next() {
    return results.size() < rates.size() ? Optional.of(rates.get(results.size())) : Optional.empty();
  }

  /** With what came of the next rate. */
  public RateSweep with(double loss) {
    List<Result> more = new ArrayList<>(results);
    more.add(new Result(next().orElseThrow(), Double.isNaN(loss) ? Double.POSITIVE_INFINITY : loss));
    return new RateSweep(rates, more);
  }

  /** The best so far that did not diverge; of equals the first. */
  public Optional<Result> best() {
    return results.stream()
        .filter(result -> Double.isFinite(result.loss()))
        .min(Comparator.comparingDouble(Result::loss));
  }
}

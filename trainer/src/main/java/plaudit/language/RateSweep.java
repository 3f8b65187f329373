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

  /** Rates in even ratios from {@code lowest} to {@code highest}, at least two. */
  public static RateSweep between(double lowest, double highest, int count) {
    if (count < 2) {
      throw InvalidInputException.of("rates of a sweep", count, ">= 2");
    }
    if (!(lowest > 0 && highest > lowest && Double.isFinite(highest))) {
      throw InvalidInputException.of(
          "learning rates of a sweep", lowest + " to " + highest, "0 < lowest < highest");
    }
    List<Double> rates = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      rates.add(lowest * Math.pow(highest / lowest, (double) i / (count - 1)));
    }
    return new RateSweep(rates, List.of());
  }

  /** The next rate to try; empty when all were. */
  public Optional<Double> next() {
    return results.size() < rates.size()
        ? Optional.of(rates.get(results.size()))
        : Optional.empty();
  }

  /** With what came of the next rate. */
  public RateSweep with(double loss) {
    List<Result> more = new ArrayList<>(results);
    more.add(
        new Result(next().orElseThrow(), Double.isNaN(loss) ? Double.POSITIVE_INFINITY : loss));
    return new RateSweep(rates, more);
  }

  /** The best so far that did not diverge; of equals the first. */
  public Optional<Result> best() {
    return results.stream()
        .filter(result -> Double.isFinite(result.loss()))
        .min(Comparator.comparingDouble(Result::loss));
  }
}

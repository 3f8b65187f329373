package plaudit.lab.bench;

import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import plaudit.lab.plan.Rates;

/**
 * Measured durations of the delays of a fleet: timers fire late, the more so on a busy machine.
 * Safe for many threads.
 */
final class Timings {

  /** A kind of work. */
  enum Stage {
    WRITING,
    SCORING,
    UPDATE,
    LOADING
  }

  private static final class Sum {
    private long pieces;
    private double seconds;
    private double units;
    private double squares;
  }

  private final Map<Stage, Sum> sums = new EnumMap<>(Stage.class);

  /** Starts a stopwatch; {@link Watch#stop} adds the time. */
  Watch start(Stage stage, double units) {
    return new Watch(stage, units, System.nanoTime());
  }

  /** Lets {@code seconds} pass on the calling thread, and counts how many really did. */
  void spend(Stage stage, double units, double seconds) {
    Watch watch = start(stage, units);
    try {
      TimeUnit.NANOSECONDS.sleep(Math.round(1e9 * seconds));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    watch.stop();
  }

  /** Runs until it is stopped. */
  final class Watch {
    private final Stage stage;
    private final double units;
    private final long begin;

    private Watch(Stage stage, double units, long begin) {
      this.stage = stage;
      this.units = units;
      this.begin = begin;
    }

    void stop() {
      add(stage, units, Duration.ofNanos(System.nanoTime() - begin));
    }
  }

  /** A piece of work was done. */
  synchronized void add(Stage stage, double units, Duration time) {
    Sum sum = sums.computeIfAbsent(stage, any -> new Sum());
    double seconds = time.toNanos() / 1e9;
    sum.pieces++;
    sum.seconds += seconds;
    sum.units += units;
    sum.squares += seconds * seconds / units;
  }

  /** Rates as measured; units are grants, updates and versions. */
  synchronized Rates rates() {
    return new Rates(
        mean(Stage.WRITING),
        spread(Stage.WRITING),
        mean(Stage.SCORING),
        mean(Stage.UPDATE),
        0,
        0,
        mean(Stage.LOADING),
        0,
        0);
  }

  private double mean(Stage stage) {
    Sum sum = sums.get(stage);
    return sum == null ? 0 : sum.seconds / sum.units;
  }

  /** Deviation of the time for a unit over its mean, larger pieces weighing more. */
  private double spread(Stage stage) {
    Sum sum = sums.get(stage);
    if (sum == null || sum.pieces < 2) {
      return 0;
    }
    double mean = sum.seconds / sum.units;
    return Math.sqrt(Math.max(0, sum.squares / sum.units / (mean * mean) - 1));
  }
}

package plaudit.ops.plan;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import plaudit.input.InvalidInputException;
import plaudit.ops.run.MetricsLog;

/**
 * What a run measured of itself.
 *
 * @param fleet as it was configured
 * @param rates medians over its updates, the first fifth left out
 * @param throughput trajectories learned from, per second
 * @param staleness mean age of what was served
 */
public record Measured(Fleet fleet, Rates rates, double throughput, double staleness) {

  private static final int FEWEST_UPDATES = 10;

  /**
   * Reads a run's directory.
   *
   * @param spread of the time to write a grant, which a run does not measure
   */
  public static Measured of(Path run, double spread) {
    Path file = run.resolve("metrics.jsonl");
    Path settings = run.resolve("config.conf");
    if (!Files.isRegularFile(file) || !Files.isRegularFile(settings)) {
      throw InvalidInputException.of(
          "--run", run, "a run's directory with config.conf and metrics.jsonl");
    }
    List<Map<String, Number>> updates =
        MetricsLog.read(file).stream().filter(line -> line.containsKey("update")).toList();
    if (updates.size() < FEWEST_UPDATES) {
      throw InvalidInputException.of(
          "updates in " + file, updates.size(), ">= " + FEWEST_UPDATES + " to plan with");
    }
    List<Map<String, Number>> steady = updates.subList(updates.size() / 5, updates.size());
    Fleet fleet = fleet(ConfigFactory.parseFile(settings.toFile()).resolve());
    Rates rates =
        new Rates(
            fleet.grant() * median(steady, "time/generation", file),
            spread,
            fleet.grant() * median(steady, "time/scoring", file),
            median(steady, "time/learning", file),
            0,
            median(steady, "time/publishing", file),
            median(steady, "time/loading", file),
            0,
            0);
    double seconds =
        number(steady.get(steady.size() - 1), "seconds") - number(steady.get(0), "seconds");
    return new Measured(
        fleet,
        rates,
        fleet.batch() * (steady.size() - 1) / seconds,
        steady.stream().mapToDouble(line -> number(line, "staleness")).average().orElse(0));
  }

  /** The fleet of a run in one process. */
  private static Fleet fleet(Config config) {
    Config experience = config.getConfig("plaudit.experience");
    return new Fleet(
        1,
        1,
        1,
        0,
        config.getInt("plaudit.policy.batch"),
        experience.getInt("grant-prompts"),
        config.getInt("plaudit.sampler.unacknowledged"),
        experience.getInt("eta"),
        experience.getInt("max-staleness"));
  }

  private static double median(List<Map<String, Number>> lines, String name, Path file) {
    double[] values =
        lines.stream()
            .map(line -> number(line, name))
            .filter(value -> !Double.isNaN(value))
            .mapToDouble(value -> value)
            .sorted()
            .toArray();
    OptionalDouble median =
        values.length == 0 ? OptionalDouble.empty() : OptionalDouble.of(values[values.length / 2]);
    return median.orElseThrow(
        () -> InvalidInputException.of(name + " in " + file, "absent", "seconds in some lines"));
  }

  private static double number(Map<String, Number> line, String name) {
    Number value = line.get(name);
    return value == null ? Double.NaN : value.doubleValue();
  }
}

package plaudit.lab.plan;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import plaudit.experience.OnStale;
import plaudit.input.InvalidInputException;
import plaudit.node.run.MetricsLog;

/**
 * What a run measured of itself.
 *
 * @param fleet as it was configured
 * @param rates means over its updates, the first fifth left out, as throughput and staleness are
 * @param throughput trajectories learned from, per second
 * @param staleness mean age of what was served
 * @param warm updates that were left out
 * @param updates that were measured
 */
public record Measured(
    Fleet fleet, Rates rates, double throughput, double staleness, int warm, int updates) {

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
        MetricsLog.readLine(file).stream().filter(line -> line.containsKey("update")).toList();
    if (updates.size() < FEWEST_UPDATES) {
      throw InvalidInputException.of(
          "updates in " + file, updates.size(), ">= " + FEWEST_UPDATES + " to plan with");
    }
    List<Map<String, Number>> steady = updates.subList(updates.size() / 5, updates.size());
    Fleet fleet = fleet(ConfigFactory.parseFile(settings.toFile()).resolve());
    double generation = fleet.grant() * mean(steady, "time/generation", file);
    Rates rates =
        new Rates(
            generation,
            spread,
            fleet.grant() * mean(steady, "time/scoring", file),
            mean(steady, "time/learning", file),
            0,
            mean(steady, "time/publishing", file),
            loading(fleet, steady, generation, file),
            0,
            0);
    double seconds =
        number(steady.get(steady.size() - 1), "seconds") - number(steady.get(0), "seconds");
    return new Measured(
        fleet,
        rates,
        fleet.batch() * (steady.size() - 1) / seconds,
        steady.stream().mapToDouble(line -> number(line, "staleness")).average().orElse(0),
        updates.size() / 5,
        steady.size() - 1);
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
        experience.getInt("max-staleness"),
        OnStale.of(experience.getString("on-stale")),
        !config.getString("plaudit.sampler.in-flight").equals("off"));
  }

  /**
   * A version waits for the grant in progress, half of one on average if the sampler is always
   * busy, and the run measures both together: what loading itself takes is the rest. In flight
   * nothing waits.
   */
  private static double loading(
      Fleet fleet, List<Map<String, Number>> lines, double generation, Path file) {
    if (fleet.inFlight()) {
      return mean(lines, "time/loading", file);
    }
    double busy =
        lines.stream()
            .mapToDouble(line -> number(line, "busy/sampler"))
            .filter(Double::isFinite)
            .average()
            .orElse(1);
    double waited = Math.min(1, busy) * generation / 2;
    return Math.max(0, mean(lines, "time/loading", file) - waited);
  }

  private static double mean(List<Map<String, Number>> lines, String name, Path file) {
    return lines.stream()
        .mapToDouble(line -> number(line, name))
        .filter(Double::isFinite)
        .average()
        .orElseThrow(
            () ->
                InvalidInputException.of(name + " in " + file, "absent", "seconds in some lines"));
  }

  private static double number(Map<String, Number> line, String name) {
    Number value = line.get(name);
    return value == null ? Double.NaN : value.doubleValue();
  }
}

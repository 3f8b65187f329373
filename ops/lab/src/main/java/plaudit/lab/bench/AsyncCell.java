package plaudit.lab.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import plaudit.input.InvalidInputException;

/**
 * The numbers of one run of the comparison of asynchrony.
 *
 * @param eta versions the samplers could be ahead
 * @param value of the setting that is varied besides; empty if none is
 * @param seed of the run
 * @param throughput trajectories learned from, per second, the first fifth of the updates left out
 * @param learnerBusy share of that time that the learner learned or published
 * @param samplerBusy share of it that the sampler wrote
 * @param staleness mean age of the trajectories learned from, in versions
 * @param oldest the greatest age
 * @param appliedAfter mean of the seconds from a version's publication until a sampler wrote with
 *     it
 * @param swapped share of the trajectories learned from that more than one version wrote
 * @param heldOutKl KL of the tuned model on held-out prompts, in nats per response
 * @param winRate share of held-out texts that are preferred to the base model's
 * @param difference mean score of held-out texts less the base model's
 * @param curve update by update
 */
public record AsyncCell(
    int eta,
    String value,
    long seed,
    double throughput,
    double learnerBusy,
    double samplerBusy,
    double staleness,
    double oldest,
    double appliedAfter,
    double swapped,
    double heldOutKl,
    double winRate,
    double difference,
    List<Update> curve) {

  /** Updates whose mean is compared with a reward that is to be reached. */
  public static final int WINDOW = 5;

  /** The pace of a run with fewer cannot be measured. */
  public static final int FEWEST_UPDATES = 4;

  private static final String APPLIED_AFTER = "async/publish_to_applied";

  /**
   * One update.
   *
   * @param seconds since the loops began
   * @param reward mean score of its batch
   * @param kl mean KL of its batch, in nats
   */
  public record Update(double seconds, double reward, double kl) {}

  public AsyncCell {
    curve = List.copyOf(curve);
  }

  /**
   * Reads the metrics of a run.
   *
   * @param batch trajectories of an update
   * @param metrics lines of its {@code metrics.jsonl}
   * @param verdict its evaluation: {@code kl}, {@code winRate}, {@code difference}
   */
  static AsyncCell of(
      AsyncBench.Cell cell,
      int batch,
      List<Map<String, Number>> metrics,
      Map<String, Number> verdict) {
    List<Map<String, Number>> updates =
        metrics.stream().filter(line -> line.containsKey("update")).toList();
    if (updates.size() < FEWEST_UPDATES) {
      throw InvalidInputException.of("updates", updates.size(), ">= " + FEWEST_UPDATES);
    }
    List<Update> curve = new ArrayList<>();
    for (Map<String, Number> line : updates) {
      curve.add(new Update(number(line, "seconds"), number(line, "reward"), number(line, "kl")));
    }
    List<Map<String, Number>> steady = updates.subList(updates.size() / 5, updates.size());
    double seconds =
        curve.get(curve.size() - 1).seconds() - curve.get(updates.size() / 5).seconds();
    return new AsyncCell(
        cell.eta(),
        cell.value(),
        cell.seed(),
        batch * (steady.size() - 1) / seconds,
        share(steady, "busy/learner"),
        share(steady, "busy/sampler"),
        mean(steady, "staleness"),
        updates.stream().mapToDouble(line -> number(line, "async/staleness_max")).max().orElse(0),
        mean(
            steady.stream().filter(line -> line.containsKey(APPLIED_AFTER)).toList(),
            APPLIED_AFTER),
        mean(steady, "async/swapped"),
        number(verdict, "kl"),
        number(verdict, "winRate"),
        number(verdict, "difference"),
        curve);
  }

  /** The smoothed reward at update {@code index}: the mean of it and those before. */
  double reward(int index) {
    return curve.subList(Math.max(0, index + 1 - WINDOW), index + 1).stream()
        .mapToDouble(Update::reward)
        .average()
        .orElse(0);
  }

  /** Reward at the end. */
  public double lastReward() {
    return reward(curve.size() - 1);
  }

  /** When the smoothed reward first reached {@code target}, in seconds; empty if it never did. */
  public OptionalDouble secondsTo(double target) {
    for (int i = WINDOW - 1; i < curve.size(); i++) {
      if (reward(i) >= target) {
        return OptionalDouble.of(curve.get(i).seconds());
      }
    }
    return OptionalDouble.empty();
  }

  private static double mean(List<Map<String, Number>> lines, String name) {
    return lines.stream().mapToDouble(line -> number(line, name)).average().orElse(0);
  }

  /** Weighed by the time between two lines. */
  private static double share(List<Map<String, Number>> lines, String name) {
    double busy = 0;
    double all = 0;
    for (int i = 1; i < lines.size(); i++) {
      double time = number(lines.get(i), "seconds") - number(lines.get(i - 1), "seconds");
      busy += time * number(lines.get(i), name);
      all += time;
    }
    return busy / all;
  }

  private static double number(Map<String, Number> line, String name) {
    Number value = line.get(name);
    return value == null ? 0 : value.doubleValue();
  }
}

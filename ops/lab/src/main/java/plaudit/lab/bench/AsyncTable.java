package plaudit.lab.bench;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import plaudit.lab.bench.AsyncCell.Update;

/**
 * Runs that differ in eta, one other setting and seed only, one row an eta and value.
 *
 * @param target the reward that is to be reached
 * @param rows by eta, and within it in the order of the values
 */
public record AsyncTable(double target, List<Row> rows) {

  /** How far up its own way the synchronous run must have come. */
  private static final double FAR = 0.8;

  public AsyncTable {
    rows = List.copyOf(rows);
  }

  /**
   * A number of several seeds.
   *
   * @param mean over the seeds that have it
   * @param low the least
   * @param high the greatest
   * @param seeds how many have it
   */
  public record Spread(double mean, double low, double high, int seeds) {

    static Spread of(List<AsyncCell> cells, ToDoubleFunction<AsyncCell> number) {
      double[] values =
          cells.stream().mapToDouble(number).filter(Double::isFinite).sorted().toArray();
      if (values.length == 0) {
        return new Spread(Double.NaN, Double.NaN, Double.NaN, 0);
      }
      double sum = 0;
      for (double value : values) {
        sum += value;
      }
      return new Spread(sum / values.length, values[0], values[values.length - 1], values.length);
    }
  }

  /**
   * The numbers of one eta and one value of the setting that is varied besides.
   *
   * @param value empty if no setting is varied
   * @param runs seeds that were run
   * @param secondsToTarget of the seeds that reached it
   * @param reward at the end
   */
  public record Row(
      int eta,
      String value,
      int runs,
      Spread secondsToTarget,
      Spread throughput,
      Spread learnerBusy,
      Spread samplerBusy,
      Spread staleness,
      Spread oldest,
      Spread appliedAfter,
      Spread swapped,
      Spread reward,
      Spread heldOutKl,
      Spread winRate) {}

  /**
   * Puts runs together.
   *
   * @param target the reward to reach; if empty, the smallest that a synchronous run reaches when
   *     it has made {@value #FAR} of its way (of the smallest eta, if none is synchronous, and of
   *     the first value)
   */
  public static AsyncTable of(List<AsyncCell> cells, OptionalDouble target) {
    List<List<AsyncCell>> alike = alike(cells);
    if (alike.isEmpty()) {
      return new AsyncTable(target.orElse(Double.NaN), List.of());
    }
    double reach = target.orElseGet(() -> reached(alike.get(0)));
    return new AsyncTable(reach, alike.stream().map(runs -> row(runs, reach)).toList());
  }

  /** Runs that differ in the seed only, by eta, and within it in the order of the values. */
  static List<List<AsyncCell>> alike(List<AsyncCell> cells) {
    TreeMap<Integer, Map<String, List<AsyncCell>>> byEta = new TreeMap<>();
    cells.forEach(
        cell ->
            byEta
                .computeIfAbsent(cell.eta(), eta -> new LinkedHashMap<>())
                .computeIfAbsent(cell.value(), value -> new ArrayList<>())
                .add(cell));
    return byEta.values().stream().flatMap(byValue -> byValue.values().stream()).toList();
  }

  private static Row row(List<AsyncCell> runs, double reach) {
    return new Row(
        runs.get(0).eta(),
        runs.get(0).value(),
        runs.size(),
        Spread.of(runs, run -> run.secondsTo(reach).orElse(Double.NaN)),
        Spread.of(runs, AsyncCell::throughput),
        Spread.of(runs, AsyncCell::learnerBusy),
        Spread.of(runs, AsyncCell::samplerBusy),
        Spread.of(runs, AsyncCell::staleness),
        Spread.of(runs, AsyncCell::oldest),
        Spread.of(runs, AsyncCell::appliedAfter),
        Spread.of(runs, AsyncCell::swapped),
        Spread.of(runs, AsyncCell::lastReward),
        Spread.of(runs, AsyncCell::heldOutKl),
        Spread.of(runs, AsyncCell::winRate));
  }

  private static double reached(List<AsyncCell> cells) {
    return cells.stream()
        .mapToDouble(
            cell -> {
              double first = cell.reward(Math.min(AsyncCell.WINDOW, cell.curve().size()) - 1);
              return first + FAR * (cell.lastReward() - first);
            })
        .min()
        .orElse(Double.NaN);
  }

  /**
   * The mean of several runs, update by update.
   *
   * @return as many updates as the shortest has
   */
  public static List<Update> mean(List<AsyncCell> cells) {
    int length =
        cells.stream().map(cell -> cell.curve().size()).min(Comparator.naturalOrder()).orElse(0);
    List<Update> mean = new ArrayList<>();
    for (int i = 0; i < length; i++) {
      int at = i;
      mean.add(
          new Update(
              average(cells, cell -> cell.curve().get(at).seconds()),
              average(cells, cell -> cell.reward(at)),
              average(cells, cell -> cell.curve().get(at).kl())));
    }
    return mean;
  }

  private static double average(List<AsyncCell> cells, ToDoubleFunction<AsyncCell> number) {
    return cells.stream().mapToDouble(number).average().orElse(Double.NaN);
  }
}

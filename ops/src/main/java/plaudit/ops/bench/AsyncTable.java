package plaudit.ops.bench;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import plaudit.ops.bench.AsyncCell.Update;

/**
 * Runs that differ in eta and seed only, one row an eta.
 *
 * @param target the reward that is to be reached
 * @param rows by eta
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
   * What one eta came to.
   *
   * @param runs seeds that were run
   * @param secondsToTarget of the seeds that reached it
   * @param reward at the end
   */
  public record Row(
      int eta,
      int runs,
      Spread secondsToTarget,
      Spread throughput,
      Spread learnerBusy,
      Spread samplerBusy,
      Spread staleness,
      Spread oldest,
      Spread reward,
      Spread heldOutKl,
      Spread winRate) {}

  /**
   * Puts runs together.
   *
   * @param target the reward to reach; if empty, the smallest that a synchronous run reaches when
   *     it has made {@value #FAR} of its way (of the smallest eta, if none is synchronous)
   */
  public static AsyncTable of(List<AsyncCell> cells, OptionalDouble target) {
    TreeMap<Integer, List<AsyncCell>> byEta = new TreeMap<>();
    cells.forEach(c -> byEta.computeIfAbsent(c.eta(), eta -> new ArrayList<>()).add(c));
    if (byEta.isEmpty()) {
      return new AsyncTable(target.orElse(Double.NaN), List.of());
    }
    double reach = target.orElseGet(() -> reached(byEta.firstEntry().getValue()));
    List<Row> rows = new ArrayList<>();
    byEta.forEach(
        (eta, ofEta) ->
            rows.add(
                new Row(
                    eta,
                    ofEta.size(),
                    Spread.of(ofEta, c -> c.secondsTo(reach).orElse(Double.NaN)),
                    Spread.of(ofEta, AsyncCell::throughput),
                    Spread.of(ofEta, AsyncCell::learnerBusy),
                    Spread.of(ofEta, AsyncCell::samplerBusy),
                    Spread.of(ofEta, AsyncCell::staleness),
                    Spread.of(ofEta, AsyncCell::oldest),
                    Spread.of(ofEta, AsyncCell::lastReward),
                    Spread.of(ofEta, AsyncCell::heldOutKl),
                    Spread.of(ofEta, AsyncCell::winRate))));
    return new AsyncTable(reach, rows);
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

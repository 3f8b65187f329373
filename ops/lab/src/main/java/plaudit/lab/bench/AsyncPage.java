package plaudit.lab.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import plaudit.eval.report.LineChart;
import plaudit.eval.report.RunReport.Point;
import plaudit.eval.report.Table;
import plaudit.lab.bench.AsyncCell.Update;
import plaudit.lab.bench.AsyncTable.Row;
import plaudit.lab.bench.AsyncTable.Spread;

/** The comparison of asynchrony as Markdown and SVG. */
public final class AsyncPage {

  private AsyncPage() {}

  /**
   * The columns that these runs have numbers for. A cell is a mean over the seeds, and in brackets
   * the least and the greatest.
   */
  public static Table<Row> table(AsyncTable runs, Variation variation) {
    Table<Row> table = Table.of(runs.rows());
    table.column("eta", row -> row.eta() == 0 ? "0 (synchronous)" : row.eta());
    if (!variation.key().isEmpty()) {
      table.column(variation.key(), Row::value);
    }
    table.column("runs", Row::runs);
    table.column("s to the reward", AsyncPage::timeToTarget);
    table.column("rollouts/s", row -> text(row.throughput(), 1, 1));
    table.column("learner busy, %", row -> text(row.learnerBusy(), 100, 0));
    table.column("sampler busy, %", row -> text(row.samplerBusy(), 100, 0));
    table.column("staleness", row -> text(row.staleness(), 1, 2));
    table.column("oldest", row -> text(row.oldest(), 1, 0));
    table.column("published to applied, ms", row -> text(row.appliedAfter(), 1000, 0));
    if (runs.rows().stream().anyMatch(row -> row.swapped().high() > 0)) {
      table.column("of several versions, %", row -> text(row.swapped(), 100, 0));
    }
    table.column("reward at the end", row -> text(row.reward(), 1, 2));
    table.column("KL, nats", row -> text(row.heldOutKl(), 1, 2));
    table.column("preferred to the base, %", row -> text(row.winRate(), 100, 1));
    return table;
  }

  private static String timeToTarget(Row row) {
    Spread seconds = row.secondsToTarget();
    if (seconds.seeds() == 0) {
      return "never";
    }
    String text = text(seconds, 1, 1);
    return seconds.seeds() == row.runs()
        ? text
        : "%s, %d of %d runs".formatted(text, seconds.seeds(), row.runs());
  }

  private static String text(Spread spread, double times, int decimals) {
    return spread.seeds() < 2
        ? Table.format("%." + decimals + "f", times * spread.mean())
        : Table.interval(decimals, times, spread.mean(), spread.low(), spread.high());
  }

  /** Reward over time, one line an eta and value, means over the seeds. */
  public static String rewardOverTime(List<AsyncCell> cells) {
    return LineChart.withNames(
        "Reward over time", "seconds", "mean score, last 5 updates", lines(cells, Update::seconds));
  }

  /** Reward over updates: the cost of staleness without time. */
  public static String rewardOverUpdates(List<AsyncCell> cells) {
    return LineChart.withNames(
        "Reward over updates", "policy update", "mean score, last 5 updates", lines(cells, null));
  }

  private static List<LineChart.Line> lines(
      List<AsyncCell> cells, @Nullable ToDoubleFunction<Update> x) {
    boolean oneEta = cells.stream().map(AsyncCell::eta).distinct().count() == 1;
    List<LineChart.Line> lines = new ArrayList<>();
    for (List<AsyncCell> alike : AsyncTable.alike(cells)) {
      List<Update> mean = AsyncTable.mean(alike);
      List<Point> points = new ArrayList<>();
      for (int i = 0; i < mean.size(); i++) {
        double at = x == null ? i + 1 : x.applyAsDouble(mean.get(i));
        points.add(new Point(at, mean.get(i).reward()));
      }
      lines.add(new LineChart.Line(name(alike.get(0), oneEta), points));
    }
    return lines;
  }

  private static String name(AsyncCell cell, boolean oneEta) {
    String eta = cell.eta() == 0 ? "synchronous" : "eta " + cell.eta();
    return cell.value().isEmpty() ? eta : oneEta ? cell.value() : eta + ", " + cell.value();
  }
}

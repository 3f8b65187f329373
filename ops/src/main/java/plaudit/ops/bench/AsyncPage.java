package plaudit.ops.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import plaudit.input.InvalidInputException;
import plaudit.ops.bench.AsyncCell.Update;
import plaudit.ops.bench.AsyncTable.Row;
import plaudit.ops.bench.AsyncTable.Spread;
import plaudit.ops.report.Figure;
import plaudit.ops.report.RunReport.Point;

/** The comparison of asynchrony as people read it. */
public final class AsyncPage {

  private static final String BEGIN = "<!-- bench async -->";
  private static final String END = "<!-- /bench async -->";

  private AsyncPage() {}

  /** Heads of the table's columns. */
  public static List<String> heads() {
    return List.of(
        "eta",
        "runs",
        "s to the reward",
        "rollouts/s",
        "learner busy, %",
        "sampler busy, %",
        "staleness",
        "oldest",
        "reward at the end",
        "KL, nats",
        "preferred to the base, %");
  }

  /** The cells of a row: means over the seeds, and in brackets the least and the greatest. */
  public static List<String> cells(Row row) {
    return List.of(
        row.eta() == 0 ? "0 (synchronous)" : Integer.toString(row.eta()),
        Integer.toString(row.runs()),
        row.secondsToTarget().seeds() == row.runs()
            ? text(row.secondsToTarget(), 1, 1)
            : row.secondsToTarget().seeds() == 0
                ? "never"
                : "%s, %d of %d runs"
                    .formatted(
                        text(row.secondsToTarget(), 1, 1),
                        row.secondsToTarget().seeds(),
                        row.runs()),
        text(row.throughput(), 1, 1),
        text(row.learnerBusy(), 100, 0),
        text(row.samplerBusy(), 100, 0),
        text(row.staleness(), 1, 2),
        text(row.oldest(), 1, 0),
        text(row.reward(), 1, 2),
        text(row.heldOutKl(), 1, 2),
        text(row.winRate(), 100, 1));
  }

  private static String text(Spread spread, double times, int decimals) {
    String number = "%." + decimals + "f";
    String mean = String.format(Locale.ROOT, number, times * spread.mean());
    return spread.seeds() < 2
        ? mean
        : mean
            + String.format(
                Locale.ROOT,
                " (" + number + " to " + number + ")",
                times * spread.low(),
                times * spread.high());
  }

  /** The table for a page. */
  public static String markdown(AsyncTable table) {
    StringBuilder out = new StringBuilder();
    line(heads(), out);
    line(heads().stream().map(head -> "---").toList(), out);
    table.rows().forEach(row -> line(cells(row), out));
    return out.toString();
  }

  private static void line(List<String> cells, StringBuilder out) {
    out.append("| ").append(String.join(" | ", cells)).append(" |\n");
  }

  /**
   * A page with everything between its two marks replaced.
   *
   * @param words to stand there
   */
  public static String filled(String page, String words) {
    int begin = page.indexOf(BEGIN);
    int end = page.indexOf(END);
    if (begin < 0 || end < begin) {
      throw InvalidInputException.of("--page", "without marks", BEGIN + " and " + END);
    }
    return page.substring(0, begin + BEGIN.length()) + "\n" + words + page.substring(end);
  }

  /** Reward over time, one line an eta, means over the seeds. */
  public static String rewardOverTime(List<AsyncCell> cells) {
    return Figure.svg(
        "Reward over time", "seconds", "mean score, last 5 updates", lines(cells, Update::seconds));
  }

  /** Reward over updates: what staleness costs, time left out. */
  public static String rewardOverUpdates(List<AsyncCell> cells) {
    return Figure.svg(
        "Reward over updates", "policy update", "mean score, last 5 updates", lines(cells, null));
  }

  private static List<Figure.Line> lines(
      List<AsyncCell> cells, @org.jspecify.annotations.Nullable ToDoubleFunction<Update> x) {
    Map<Integer, List<AsyncCell>> byEta = new TreeMap<>();
    cells.forEach(c -> byEta.computeIfAbsent(c.eta(), eta -> new ArrayList<>()).add(c));
    List<Figure.Line> lines = new ArrayList<>();
    byEta.forEach(
        (eta, ofEta) -> {
          List<Update> mean = AsyncTable.mean(ofEta);
          List<Point> points = new ArrayList<>();
          for (int i = 0; i < mean.size(); i++) {
            double at = x == null ? i + 1 : x.applyAsDouble(mean.get(i));
            points.add(new Point(at, mean.get(i).reward()));
          }
          lines.add(new Figure.Line(eta == 0 ? "synchronous" : "eta " + eta, points));
        });
    return lines;
  }
}

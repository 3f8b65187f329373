package plaudit.lab.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import plaudit.eval.report.Figure;
import plaudit.eval.report.RunReport.Point;
import plaudit.input.InvalidInputException;
import plaudit.lab.bench.AsyncCell.Update;
import plaudit.lab.bench.AsyncTable.Row;
import plaudit.lab.bench.AsyncTable.Spread;

/** The comparison of asynchrony as people read it. */
public final class AsyncPage {

  private static final String BEGIN = "<!-- bench async -->";
  private static final String END = "<!-- /bench async -->";

  private AsyncPage() {}

  /**
   * A column of the table.
   *
   * @param text of a row's cell: a mean over the seeds, and in brackets the least and the greatest
   */
  public record Column(String head, Function<Row, String> text) {}

  /** The columns that have something to say of these runs. */
  public static List<Column> columns(AsyncTable table, Variation variation) {
    List<Column> columns = new ArrayList<>();
    columns.add(
        new Column("eta", row -> row.eta() == 0 ? "0 (synchronous)" : Integer.toString(row.eta())));
    if (!variation.key().isEmpty()) {
      columns.add(new Column(variation.key(), Row::value));
    }
    columns.add(new Column("runs", row -> Integer.toString(row.runs())));
    columns.add(new Column("s to the reward", AsyncPage::timeToTarget));
    columns.add(number("rollouts/s", Row::throughput, 1, 1));
    columns.add(number("learner busy, %", Row::learnerBusy, 100, 0));
    columns.add(number("sampler busy, %", Row::samplerBusy, 100, 0));
    columns.add(number("staleness", Row::staleness, 1, 2));
    columns.add(number("oldest", Row::oldest, 1, 0));
    columns.add(number("published to applied, ms", Row::appliedAfter, 1000, 0));
    if (table.rows().stream().anyMatch(row -> row.swapped().high() > 0)) {
      columns.add(number("of several versions, %", Row::swapped, 100, 0));
    }
    columns.add(number("reward at the end", Row::reward, 1, 2));
    columns.add(number("KL, nats", Row::heldOutKl, 1, 2));
    columns.add(number("preferred to the base, %", Row::winRate, 100, 1));
    return columns;
  }

  private static Column number(
      String head, Function<Row, Spread> number, double times, int decimals) {
    return new Column(head, row -> text(number.apply(row), times, decimals));
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
  public static String markdown(AsyncTable table, Variation variation) {
    List<Column> columns = columns(table, variation);
    StringBuilder out = new StringBuilder();
    line(columns.stream().map(Column::head).toList(), out);
    line(columns.stream().map(column -> "---").toList(), out);
    table.rows().forEach(row -> line(columns.stream().map(c -> c.text().apply(row)).toList(), out));
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

  /** Reward over time, one line an eta and value, means over the seeds. */
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
      List<AsyncCell> cells, @Nullable ToDoubleFunction<Update> x) {
    boolean oneEta = cells.stream().map(AsyncCell::eta).distinct().count() == 1;
    List<Figure.Line> lines = new ArrayList<>();
    for (List<AsyncCell> alike : AsyncTable.alike(cells)) {
      List<Update> mean = AsyncTable.mean(alike);
      List<Point> points = new ArrayList<>();
      for (int i = 0; i < mean.size(); i++) {
        double at = x == null ? i + 1 : x.applyAsDouble(mean.get(i));
        points.add(new Point(at, mean.get(i).reward()));
      }
      lines.add(new Figure.Line(name(alike.get(0), oneEta), points));
    }
    return lines;
  }

  private static String name(AsyncCell cell, boolean oneEta) {
    String eta = cell.eta() == 0 ? "synchronous" : "eta " + cell.eta();
    return cell.value().isEmpty() ? eta : oneEta ? cell.value() : eta + ", " + cell.value();
  }
}

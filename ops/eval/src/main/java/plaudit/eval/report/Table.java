package plaudit.eval.report;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import plaudit.eval.measure.Estimate;
import plaudit.stats.Wilson;

/**
 * Records as a table for people: a row a record, a column a property. The same table prints as text
 * with aligned columns and as Markdown. Machines get the records themselves, as JSON.
 *
 * @param <R> the record of a row
 */
public final class Table<R> {

  private final List<R> rows;
  private final List<Column<R>> columns = new ArrayList<>();

  private record Column<R>(String head, Function<? super R, ?> cell) {}

  private Table(List<? extends R> rows) {
    this.rows = List.copyOf(rows);
  }

  /** A table of these rows, as yet without a column. */
  public static <R> Table<R> of(List<? extends R> rows) {
    return new Table<>(rows);
  }

  /** One more column, its cells as they are. */
  public Table<R> column(String head, Function<? super R, ?> cell) {
    columns.add(new Column<>(head, cell));
    return this;
  }

  /** One more column, its cells as {@code format} has them. */
  public Table<R> column(String head, String format, Function<? super R, ?> cell) {
    return column(head, row -> format(format, cell.apply(row)));
  }

  /**
   * Prints heads and rows in columns, the first to the left and the others, numbers, to the right.
   */
  public void print(PrintWriter out) {
    List<List<String>> lines = new ArrayList<>(cells());
    lines.add(0, heads());
    print(lines, true, out);
  }

  /** Lines of Markdown, with a line break after each. */
  public String markdown() {
    List<List<String>> lines = new ArrayList<>(cells());
    lines.add(0, columns.stream().map(column -> "---").toList());
    lines.add(0, heads());
    StringBuilder out = new StringBuilder();
    lines.forEach(line -> out.append("| ").append(String.join(" | ", line)).append(" |\n"));
    return out.toString();
  }

  private List<String> heads() {
    return columns.stream().map(Column::head).toList();
  }

  private List<List<String>> cells() {
    return rows.stream()
        .map(row -> columns.stream().map(c -> String.valueOf(c.cell().apply(row))).toList())
        .toList();
  }

  private static void print(List<List<String>> lines, boolean numbers, PrintWriter out) {
    int[] widths = new int[lines.isEmpty() ? 0 : lines.get(0).size()];
    for (List<String> line : lines) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], line.get(i).length());
      }
    }
    for (List<String> line : lines) {
      StringBuilder text = new StringBuilder();
      for (int i = 0; i < widths.length; i++) {
        String pad = " ".repeat(widths[i] - line.get(i).length());
        text.append(i == 0 ? "" : "  ");
        text.append(i == 0 || !numbers ? line.get(i) + pad : pad + line.get(i));
      }
      out.println(text.toString().stripTrailing());
    }
  }

  /** A list of facts: no heads, everything to the left. */
  public static final class Facts {
    private final List<List<String>> lines = new ArrayList<>();

    /** One more fact, such as a name and its value. */
    public Facts add(Object... cells) {
      lines.add(Arrays.stream(cells).map(String::valueOf).toList());
      return this;
    }

    /** Prints a line a fact. */
    public void print(PrintWriter out) {
      Table.print(lines, false, out);
    }
  }

  /** {@code 12.3 (11.0 to 13.5)} in percent. */
  public static String percent(Wilson share) {
    return interval(1, 100, share.share(), share.low(), share.high());
  }

  /** {@code 12.3 (11.0 to 13.5)} in percent. */
  public static String percent(Estimate share) {
    return interval(1, 100, share.mean(), share.low(), share.high());
  }

  /** {@code 1.234 (1.200 to 1.300)}. */
  public static String number(Estimate number) {
    return interval(3, 1, number.mean(), number.low(), number.high());
  }

  /** A number times {@code times} with its interval. */
  public static String interval(int decimals, double times, double mean, double low, double high) {
    String one = "%." + decimals + "f";
    return format(one + " (" + one + " to " + one + ")", times * mean, times * low, times * high);
  }

  /** A text in which numbers have points, wherever the reader lives. */
  public static String format(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}

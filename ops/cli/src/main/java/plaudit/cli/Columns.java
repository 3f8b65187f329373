package plaudit.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import plaudit.eval.measure.Estimate;
import plaudit.stats.Wilson;

/** A small table for people: the first column to the left, numbers to the right. */
final class Columns {

  private final boolean numbers;

  private final List<List<String>> rows = new ArrayList<>();

  private Columns(boolean numbers) {
    this.numbers = numbers;
  }

  /** A table with a line of heads. */
  Columns(String... head) {
    this(true);
    row(head);
  }

  /** Names and values, all to the left. */
  static Columns ofFacts() {
    return new Columns(false);
  }

  Columns row(String... cells) {
    rows.add(List.of(cells));
    return this;
  }

  void print(PrintWriter out) {
    int columns = rows.get(0).size();
    int[] widths = new int[columns];
    for (List<String> row : rows) {
      for (int i = 0; i < columns; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < columns; i++) {
        String pad = " ".repeat(widths[i] - row.get(i).length());
        line.append(i == 0 ? "" : "  ");
        line.append(i == 0 || !numbers ? row.get(i) + pad : pad + row.get(i));
      }
      out.println(line.toString().stripTrailing());
    }
  }

  /** {@code 12.3 (11.0 to 13.5)} in percent. */
  static String percent(double share, double low, double high) {
    return format("%.1f (%.1f to %.1f)", 100 * share, 100 * low, 100 * high);
  }

  static String percent(Wilson share) {
    return percent(share.share(), share.low(), share.high());
  }

  static String percent(Estimate share) {
    return percent(share.mean(), share.low(), share.high());
  }

  /** {@code 1.234 (1.200 to 1.300)}. */
  static String number(Estimate number) {
    return format("%.3f (%.3f to %.3f)", number.mean(), number.low(), number.high());
  }

  static String format(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}

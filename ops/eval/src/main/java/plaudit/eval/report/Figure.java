package plaudit.eval.report;

import static plaudit.eval.report.Html.escape;
import static plaudit.eval.report.Html.format;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import plaudit.eval.report.RunReport.Point;

/**
 * Several lines in one picture, as an SVG file that stands alone: on a white ground, for a page of
 * documentation.
 */
public final class Figure {

  private static final int WIDTH = 640;
  private static final int HEIGHT = 360;
  private static final int LEFT = 64;
  private static final int RIGHT = 110;
  private static final int TOP = 36;
  private static final int BOTTOM = 48;
  private static final int BESIDE = 14;

  /** Told apart also by those who see few colours, and by their names at the end. */
  private static final List<String> COLOURS =
      List.of("#1f77b4", "#d95f02", "#1b9e77", "#7570b3", "#e7298a", "#666666");

  private final List<Line> lines;
  private final Axis x;
  private final Axis y;

  /**
   * A line.
   *
   * @param points in order of x, all finite; at least one
   */
  public record Line(String name, List<Point> points) {
    public Line {
      points = List.copyOf(points);
      if (points.isEmpty()) {
        throw new IllegalArgumentException("points of " + name + ": none (expected: at least one)");
      }
    }
  }

  private Figure(List<Line> lines) {
    this.lines = lines;
    List<Point> all = lines.stream().flatMap(line -> line.points().stream()).toList();
    double low = all.stream().mapToDouble(Point::y).min().orElse(0);
    double high = all.stream().mapToDouble(Point::y).max().orElse(1);
    boolean nearZero = low > 0 && low < .5 * high;
    this.y = Axis.around(nearZero ? 0 : low, high, 5);
    this.x =
        Axis.within(
            all.stream().mapToDouble(Point::x).min().orElse(0),
            all.stream().mapToDouble(Point::x).max().orElse(1),
            6);
  }

  /** Writes the picture, whole or not at all. */
  public static void write(Path file, String title, String xName, String yName, List<Line> lines)
      throws IOException {
    HtmlPage.write(svg(title, xName, yName, lines), file);
  }

  /** The picture. */
  public static String svg(String title, String xName, String yName, List<Line> lines) {
    if (lines.isEmpty()) {
      throw new IllegalArgumentException("lines of a figure: none (expected: at least one)");
    }
    return new Figure(lines).draw(title, xName, yName);
  }

  private String draw(String title, String xName, String yName) {
    StringBuilder out = new StringBuilder();
    out.append(
        format(
            """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" \
            role="img" aria-label="%s" font-family="sans-serif" font-size="12" fill="#333">
            <rect width="%d" height="%d" fill="#fff"/>
            <text x="%d" y="20" font-size="14" font-weight="bold">%s</text>
            """,
            WIDTH, HEIGHT, WIDTH, HEIGHT, escape(title), WIDTH, HEIGHT, LEFT, escape(title)));
    for (double tick : y.ticks()) {
      out.append(
          format(
              "<line x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"#ddd\"/>"
                  + "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>\n",
              LEFT, WIDTH - RIGHT, atY(tick), atY(tick), LEFT - 6, atY(tick) + 4, y.label(tick)));
    }
    for (double tick : x.ticks()) {
      out.append(
          format(
              "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>\n",
              atX(tick), HEIGHT - BOTTOM + 18, x.label(tick)));
    }
    out.append(
        format(
            """
            <text x="%.1f" y="%d" text-anchor="middle">%s</text>
            <text transform="translate(14 %.1f) rotate(-90)" text-anchor="middle">%s</text>
            """,
            (LEFT + WIDTH - RIGHT) / 2d,
            HEIGHT - 10,
            escape(xName),
            (TOP + HEIGHT - BOTTOM) / 2d,
            escape(yName)));
    double above = Double.NEGATIVE_INFINITY;
    for (int i : fromTop()) {
      Line line = lines.get(i);
      double at = Math.max(above + BESIDE, atY(last(line).y()));
      above = at;
      draw(line, COLOURS.get(i % COLOURS.size()), at, out);
    }
    return out.append("</svg>\n").toString();
  }

  /** The lines by where they end, so that their names do not overlap. */
  private List<Integer> fromTop() {
    return java.util.stream.IntStream.range(0, lines.size())
        .boxed()
        .sorted(java.util.Comparator.comparingDouble((Integer i) -> -last(lines.get(i)).y()))
        .toList();
  }

  private void draw(Line line, String colour, double nameAt, StringBuilder out) {
    StringBuilder path = new StringBuilder();
    for (Point point : line.points()) {
      path.append(
          format("%s%.1f %.1f", path.isEmpty() ? "M" : "L", atX(point.x()), atY(point.y())));
    }
    out.append(
        format(
            """
            <path d="%s" fill="none" stroke="%s" stroke-width="2"/>
            <text x="%d" y="%.1f" fill="%s">%s</text>
            """,
            path, colour, WIDTH - RIGHT + 8, nameAt + 4, colour, escape(line.name())));
  }

  private static Point last(Line line) {
    return line.points().get(line.points().size() - 1);
  }

  private double atX(double value) {
    return LEFT + x.position(value) * (WIDTH - LEFT - RIGHT);
  }

  private double atY(double value) {
    return HEIGHT - BOTTOM - y.position(value) * (HEIGHT - TOP - BOTTOM);
  }
}

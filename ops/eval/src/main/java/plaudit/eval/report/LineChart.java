package plaudit.eval.report;

import static plaudit.eval.report.Html.escape;
import static plaudit.eval.report.Html.number;
import static plaudit.eval.report.Html.setting;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import plaudit.eval.report.RunReport.Point;
import plaudit.eval.report.RunReport.Series;

/**
 * Lines in one picture (SVG) over axes with round numbers, each with a band around it if it has
 * one. {@link #figure} is a small figure of one series for a page that brings a style sheet; {@link
 * #withLegend} and {@link #withNames} are pictures that stand alone, with colours and background
 * inside.
 */
public final class LineChart {

  private static final Frame SMALL = new Frame(320, 180, 42, 10, 12, 34);
  private static final int TOP = 46;
  private static final int BOTTOM = 44;
  private static final int PLOT = 230;
  private static final int LEGEND_ROW = 18;
  private static final int LEGEND_COLUMNS = 2;
  private static final int BESIDE = 14;
  private static final int MOST_POINTS = 300;

  /** Told apart also by people who see few colours. */
  private static final List<String> COLOURS =
      List.of("#1f77b4", "#d95f02", "#1b9e77", "#7570b3", "#e7298a", "#666666");

  private final Frame frame;
  private final Axis x;
  private final Axis y;
  private final StringBuilder out = new StringBuilder();

  /** The picture's size and the margins around the plot. */
  private record Frame(int width, int height, int left, int right, int top, int bottom) {
    int plotWidth() {
      return width - left - right;
    }
  }

  /**
   * One curve.
   *
   * @param name as people read it
   * @param colour such as {@code #1b6ca8}
   * @param dashed whether it is a reference rather than a measurement
   * @param bands its points in order; ones that are not finite are left out
   */
  public record Curve(String name, String colour, boolean dashed, List<Band> bands) {
    public Curve {
      if (!colour.matches("#[0-9a-f]{6}")) {
        throw new IllegalArgumentException("colour: " + colour + " (expected: #rrggbb)");
      }
      bands =
          bands.stream()
              .filter(
                  b ->
                      DoubleStream.of(b.x(), b.mean(), b.low(), b.high())
                          .allMatch(Double::isFinite))
              .toList();
    }

    private List<Point> points() {
      return bands.stream().map(b -> new Point(b.x(), b.mean())).toList();
    }

    private double end() {
      return bands.get(bands.size() - 1).mean();
    }
  }

  /**
   * A point with its band.
   *
   * @param low lower end of the band, the mean for none
   * @param high upper end
   */
  public record Band(double x, double mean, double low, double high) {
    /** Without a band. */
    public static Band point(double x, double y) {
      return new Band(x, y, y, y);
    }
  }

  /**
   * A line without a band.
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

  private LineChart(Frame frame, List<Band> all, int xTicks, int yTicks) {
    this.frame = frame;
    double low = all.stream().mapToDouble(Band::low).min().orElse(0);
    double high = all.stream().mapToDouble(Band::high).max().orElse(1);
    boolean nearZero = low > 0 && low < .5 * high;
    this.y = Axis.around(nearZero ? 0 : low, high, yTicks);
    this.x =
        Axis.within(
            all.stream().mapToDouble(Band::x).min().orElse(0),
            all.stream().mapToDouble(Band::x).max().orElse(1),
            xTicks);
  }

  /** Curves with their bands, and their names in a legend below. */
  public static String withLegend(String title, String xName, String yName, List<Curve> curves) {
    int rows = (curves.size() + LEGEND_COLUMNS - 1) / LEGEND_COLUMNS;
    int bottom = BOTTOM + rows * LEGEND_ROW;
    Frame frame = new Frame(520, TOP + PLOT + bottom, 46, 14, TOP, bottom);
    LineChart chart = alone(frame, title, xName, yName, curves);
    for (int i = 0; i < curves.size(); i++) {
      int left = frame.left + i % LEGEND_COLUMNS * (frame.plotWidth() / LEGEND_COLUMNS);
      int middle = TOP + PLOT + 50 + i / LEGEND_COLUMNS * LEGEND_ROW;
      chart.stroke("M%d %dh20".formatted(left, middle), curves.get(i), 3);
      chart.add("<text x=\"%d\" y=\"%d\">%s</text>\n", left + 26, middle + 4, name(curves.get(i)));
    }
    return chart.end();
  }

  /** Lines with their names at their ends; at least one. */
  public static String withNames(String title, String xName, String yName, List<Line> lines) {
    if (lines.isEmpty()) {
      throw new IllegalArgumentException("lines of a chart: none (expected: at least one)");
    }
    List<Curve> curves =
        IntStream.range(0, lines.size())
            .mapToObj(
                i ->
                    new Curve(
                        lines.get(i).name(),
                        COLOURS.get(i % COLOURS.size()),
                        false,
                        lines.get(i).points().stream()
                            .map(point -> Band.point(point.x(), point.y()))
                            .toList()))
            .toList();
    Frame frame = new Frame(640, TOP + PLOT + 40 + BOTTOM, 64, 110, TOP, BOTTOM);
    LineChart chart = alone(frame, title, xName, yName, curves);
    double above = Double.NEGATIVE_INFINITY;
    // From top to bottom, so that names do not overlap.
    for (Curve curve : curves.stream().sorted(Comparator.comparing(c -> -c.end())).toList()) {
      above = Math.max(above + BESIDE, chart.atY(curve.end()));
      chart.add(
          "<text x=\"%d\" y=\"%.1f\" fill=\"%s\">%s</text>\n",
          frame.width - frame.right + 8, above + 4, curve.colour(), name(curve));
    }
    return chart.end();
  }

  /**
   * One series as a small figure: the measurements faint, their moving average strong, the target
   * dashed, the last average in figures beside the name.
   */
  static String figure(Series series) {
    List<Point> finite =
        series.points().stream()
            .filter(p -> Double.isFinite(p.x()) && Double.isFinite(p.y()))
            .toList();
    int lost = series.points().size() - finite.size();
    String body =
        finite.isEmpty()
            ? "<p class=\"empty\">nothing was measured</p>"
            : small(series, thinned(finite));
    String last =
        finite.isEmpty()
            ? ""
            : "<span class=\"last\">%s</span>".formatted(number(last(average(finite)).y()));
    String missing =
        lost == 0
            ? ""
            : "<p class=\"missing\">%d of %d measurements were not finite</p>"
                .formatted(lost, series.points().size());
    return """
        <figure class="chart">
        <figcaption><span class="name">%s</span> %s <span class="unit">%s</span></figcaption>
        %s%s
        </figure>
        """
        .formatted(escape(series.name()), last, escape(series.unit()), body, missing);
  }

  private static String small(Series series, List<Point> points) {
    List<Point> average = average(points);
    List<Band> all = new ArrayList<>(points.stream().map(p -> Band.point(p.x(), p.y())).toList());
    series.target().ifPresent(target -> all.add(Band.point(points.get(0).x(), target)));
    LineChart chart = new LineChart(SMALL, all, 4, 4);
    chart.add(
        "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">\n",
        SMALL.width, SMALL.height, escape(described(series, average)));
    chart.axes(series.xName());
    if (!points.equals(average)) {
      chart.add("<path class=\"raw\" d=\"%s\"/>\n", chart.path(points));
    }
    series.target().ifPresent(chart::target);
    chart.add("<path class=\"mean\" d=\"%s\"/>\n", chart.path(average));
    chart.add(
        "<circle class=\"end\" cx=\"%.1f\" cy=\"%.1f\" r=\"3\"/>\n",
        chart.atX(last(average).x()), chart.atY(last(average).y()));
    return chart.end();
  }

  private static String described(Series series, List<Point> average) {
    return "%s: from %s to %s %s, by %s"
        .formatted(
            series.name(),
            number(average.get(0).y()),
            number(last(average).y()),
            series.unit(),
            series.xName());
  }

  /** A picture that stands alone, open for names of its curves. */
  private static LineChart alone(
      Frame frame, String title, String xName, String yName, List<Curve> curves) {
    List<Band> all = curves.stream().flatMap(curve -> curve.bands().stream()).toList();
    LineChart chart = new LineChart(frame, all, 6, 5);
    chart.add(
        """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %1$d %2$d" width="%1$d" height="%2$d" \
        font-family="sans-serif" font-size="11" fill="#1c1e21" role="img" aria-label="%3$s">
        <style>.grid{stroke:#e3e6ea}.tick,.axis{fill:#5f6670}</style>
        <rect width="%1$d" height="%2$d" fill="#ffffff"/>
        <text x="%4$d" y="18" font-size="14" font-weight="bold">%3$s</text>
        <text class="axis" x="%4$d" y="36">%5$s</text>
        """,
        frame.width, frame.height, escape(title), frame.left, escape(yName));
    if (all.isEmpty()) {
      chart.add("<text x=\"%d\" y=\"%d\">nothing was measured</text>\n", frame.left, TOP + 20);
      return chart;
    }
    chart.axes(xName);
    curves.forEach(chart::band);
    for (Curve curve : curves) {
      if (!curve.bands().isEmpty()) {
        chart.stroke(chart.path(curve.points()), curve, 2);
      }
    }
    return chart;
  }

  private void axes(String xName) {
    for (double tick : y.ticks()) {
      add(
          "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>"
              + "<text class=\"tick\" x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>\n",
          frame.left,
          frame.width - frame.right,
          atY(tick),
          atY(tick),
          frame.left - 6,
          atY(tick) + 3.5,
          y.label(tick));
    }
    int below = frame.height - frame.bottom;
    for (double tick : x.ticks()) {
      add(
          "<text class=\"tick\" x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>\n",
          atX(tick), below + 15, x.label(tick));
    }
    add(
        "<text class=\"axis\" x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>\n",
        frame.left + frame.plotWidth() / 2d, below + 30, escape(xName));
  }

  private void band(Curve curve) {
    if (curve.bands().stream().allMatch(b -> b.low() == b.high())) {
      return;
    }
    List<Point> edge = new ArrayList<>();
    curve.bands().forEach(b -> edge.add(new Point(b.x(), b.high())));
    for (int i = curve.bands().size() - 1; i >= 0; i--) {
      edge.add(new Point(curve.bands().get(i).x(), curve.bands().get(i).low()));
    }
    add("<path d=\"%sZ\" fill=\"%s\" fill-opacity=\"0.14\"/>\n", path(edge), curve.colour());
  }

  private void stroke(String path, Curve curve, int width) {
    add(
        "<path d=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"%d\"%s/>\n",
        path, curve.colour(), width, curve.dashed() ? " stroke-dasharray=\"6 4\"" : "");
  }

  private void target(double target) {
    boolean room = atY(target) > frame.top + 12;
    add(
        "<line class=\"target\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>"
            + "<text class=\"target-name\" x=\"%d\" y=\"%.1f\">target %s</text>\n",
        frame.left,
        frame.width - frame.right,
        atY(target),
        atY(target),
        frame.left + 5,
        atY(target) + (room ? -5 : 13),
        setting(target));
  }

  private String path(List<Point> points) {
    StringBuilder path = new StringBuilder();
    for (Point point : points) {
      path.append(
          Html.format("%s%.1f %.1f", path.isEmpty() ? "M" : "L", atX(point.x()), atY(point.y())));
    }
    return path.toString();
  }

  private double atX(double value) {
    return frame.left + x.position(value) * frame.plotWidth();
  }

  private double atY(double value) {
    int below = frame.height - frame.bottom;
    return below - y.position(value) * (below - frame.top);
  }

  private static String name(Curve curve) {
    return escape(curve.name());
  }

  private void add(String format, Object... values) {
    out.append(Html.format(format, values));
  }

  private String end() {
    return out.append("</svg>\n").toString();
  }

  private static Point last(List<Point> points) {
    return points.get(points.size() - 1);
  }

  /** The mean over a window of a twelfth of the points, centred, narrow at the start. */
  private static List<Point> average(List<Point> points) {
    int half = points.size() / 24;
    List<Point> average = new ArrayList<>(points.size());
    for (int i = 0; i < points.size(); i++) {
      int reach = Math.min(half, Math.min(i, Math.max(half / 2, points.size() - 1 - i)));
      average.add(new Point(points.get(i).x(), mean(points, i - reach, i + reach + 1).y()));
    }
    return average;
  }

  /** At most so many points, each the mean of its neighbours. */
  private static List<Point> thinned(List<Point> points) {
    if (points.size() <= MOST_POINTS) {
      return points;
    }
    return IntStream.range(0, MOST_POINTS)
        .mapToObj(
            i ->
                mean(
                    points,
                    (int) ((long) points.size() * i / MOST_POINTS),
                    (int) ((long) points.size() * (i + 1) / MOST_POINTS)))
        .toList();
  }

  private static Point mean(List<Point> points, int from, int to) {
    List<Point> part = points.subList(Math.max(0, from), Math.min(points.size(), to));
    return new Point(
        part.stream().mapToDouble(Point::x).sum() / part.size(),
        part.stream().mapToDouble(Point::y).sum() / part.size());
  }
}

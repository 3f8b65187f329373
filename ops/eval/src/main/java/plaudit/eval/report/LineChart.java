package plaudit.eval.report;

import static plaudit.eval.report.Html.escape;
import static plaudit.eval.report.Html.format;
import static plaudit.eval.report.Html.number;
import static plaudit.eval.report.Html.setting;

import java.util.ArrayList;
import java.util.List;
import plaudit.eval.report.RunReport.Point;
import plaudit.eval.report.RunReport.Series;

/**
 * One series as a small figure: the measurements faint, their moving average strong, the target
 * dashed, the last average in figures beside the name.
 */
final class LineChart {

  private static final int WIDTH = 320;
  private static final int HEIGHT = 180;
  private static final int LEFT = 42;
  private static final int RIGHT = 10;
  private static final int TOP = 12;
  private static final int BOTTOM = 34;
  private static final int MOST_POINTS = 300;

  private final Series series;
  private final List<Point> points;
  private final List<Point> average;
  private final Axis x;
  private final Axis y;

  private LineChart(Series series, List<Point> points) {
    this.series = series;
    this.points = points;
    this.average = average(points);
    double low = series.target().orElse(Double.POSITIVE_INFINITY);
    double high = series.target().orElse(Double.NEGATIVE_INFINITY);
    for (Point point : points) {
      low = Math.min(low, point.y());
      high = Math.max(high, point.y());
    }
    boolean nearZero = low > 0 && low < .5 * high;
    this.y = Axis.around(nearZero ? 0 : low, high, 4);
    this.x = Axis.within(points.get(0).x(), points.get(points.size() - 1).x(), 4);
  }

  /** The figure of {@code series}. */
  static String figure(Series series) {
    List<Point> finite =
        series.points().stream()
            .filter(p -> Double.isFinite(p.x()) && Double.isFinite(p.y()))
            .toList();
    int lost = series.points().size() - finite.size();
    String body =
        finite.isEmpty()
            ? "<p class=\"empty\">nothing was measured</p>"
            : new LineChart(series, thinned(finite)).svg();
    String last =
        finite.isEmpty()
            ? ""
            : "<span class=\"last\">%s</span>"
                .formatted(number(average(finite).get(finite.size() - 1).y()));
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

  private String svg() {
    StringBuilder out = new StringBuilder();
    out.append(
        format(
            "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">\n",
            WIDTH, HEIGHT, escape(description())));
    for (double tick : y.ticks()) {
      out.append(
          format(
              "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>"
                  + "<text class=\"tick\" x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>\n",
              LEFT, WIDTH - RIGHT, atY(tick), atY(tick), LEFT - 6, atY(tick) + 3.5, y.label(tick)));
    }
    for (double tick : x.ticks()) {
      out.append(
          format(
              "<text class=\"tick\" x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>\n",
              atX(tick), HEIGHT - BOTTOM + 15, x.label(tick)));
    }
    out.append(
        format(
            "<text class=\"axis\" x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>\n",
            (LEFT + WIDTH - RIGHT) / 2d, HEIGHT - 4, escape(series.xName())));
    if (!points.equals(average)) {
      out.append(line("raw", points));
    }
    series.target().ifPresent(target -> out.append(targetLine(target)));
    out.append(line("mean", average));
    Point end = average.get(average.size() - 1);
    out.append(
        format(
            "<circle class=\"end\" cx=\"%.1f\" cy=\"%.1f\" r=\"3\"/>\n</svg>\n",
            atX(end.x()), atY(end.y())));
    return out.toString();
  }

  private String targetLine(double target) {
    boolean room = atY(target) > TOP + 12;
    return format(
        "<line class=\"target\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>"
            + "<text class=\"target-name\" x=\"%d\" y=\"%.1f\">target %s</text>\n",
        LEFT,
        WIDTH - RIGHT,
        atY(target),
        atY(target),
        LEFT + 5,
        atY(target) + (room ? -5 : 13),
        setting(target));
  }

  private String line(String kind, List<Point> line) {
    StringBuilder path = new StringBuilder();
    for (Point point : line) {
      path.append(
          format("%s%.1f %.1f", path.isEmpty() ? "M" : "L", atX(point.x()), atY(point.y())));
    }
    return "<path class=\"%s\" d=\"%s\"/>\n".formatted(kind, path);
  }

  private String description() {
    Point first = average.get(0);
    Point last = average.get(average.size() - 1);
    return "%s: from %s to %s %s, by %s"
        .formatted(
            series.name(), number(first.y()), number(last.y()), series.unit(), series.xName());
  }

  private double atX(double value) {
    return LEFT + x.position(value) * (WIDTH - LEFT - RIGHT);
  }

  private double atY(double value) {
    return HEIGHT - BOTTOM - y.position(value) * (HEIGHT - TOP - BOTTOM);
  }

  /** The mean over a window of a twelfth of the points, centred, narrow at the start. */
  private static List<Point> average(List<Point> points) {
    int half = points.size() / 24;
    List<Point> average = new ArrayList<>(points.size());
    for (int i = 0; i < points.size(); i++) {
      int reach = Math.min(half, Math.min(i, Math.max(half / 2, points.size() - 1 - i)));
      int from = Math.max(0, i - reach);
      int to = Math.min(points.size(), i + reach + 1);
      double sum = 0;
      for (int j = from; j < to; j++) {
        sum += points.get(j).y();
      }
      average.add(new Point(points.get(i).x(), sum / (to - from)));
    }
    return average;
  }

  /** At most so many points, each the mean of its neighbours. */
  private static List<Point> thinned(List<Point> points) {
    if (points.size() <= MOST_POINTS) {
      return points;
    }
    List<Point> thinned = new ArrayList<>(MOST_POINTS);
    for (int i = 0; i < MOST_POINTS; i++) {
      int from = (int) ((long) points.size() * i / MOST_POINTS);
      int to = (int) ((long) points.size() * (i + 1) / MOST_POINTS);
      double x = 0;
      double y = 0;
      for (Point point : points.subList(from, to)) {
        x += point.x();
        y += point.y();
      }
      thinned.add(new Point(x / (to - from), y / (to - from)));
    }
    return thinned;
  }
}

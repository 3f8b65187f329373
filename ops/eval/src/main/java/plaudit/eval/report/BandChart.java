package plaudit.eval.report;

import static plaudit.eval.report.Html.escape;
import static plaudit.eval.report.Html.format;

import java.util.ArrayList;
import java.util.List;
import plaudit.eval.report.RunReport.Point;

/**
 * Several curves in one figure, each with a band around it: a picture of its own (SVG) with its
 * colours and background inside, for pages that bring no style sheet.
 *
 * @param title above it
 * @param xName below the axis
 * @param yName above the other axis
 * @param curves in the order of the legend
 */
public record BandChart(String title, String xName, String yName, List<Curve> curves) {

  private static final int WIDTH = 520;
  private static final int LEFT = 46;
  private static final int RIGHT = 14;
  private static final int TOP = 46;
  private static final int PLOT = 230;
  private static final int LEGEND_ROW = 18;
  private static final int LEGEND_COLUMNS = 2;

  public BandChart {
    curves = List.copyOf(curves);
  }

  /**
   * One curve.
   *
   * @param name in the legend
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
                      Double.isFinite(b.x())
                          && Double.isFinite(b.mean())
                          && Double.isFinite(b.low())
                          && Double.isFinite(b.high()))
              .toList();
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

  /** The picture. */
  public String svg() {
    List<Band> all = curves.stream().flatMap(curve -> curve.bands().stream()).toList();
    int rows = (curves.size() + LEGEND_COLUMNS - 1) / LEGEND_COLUMNS;
    int height = TOP + PLOT + 44 + rows * LEGEND_ROW;
    StringBuilder out = new StringBuilder();
    out.append(
        format(
            """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" \
            font-family="sans-serif" font-size="11" role="img" aria-label="%s">
            <rect width="%d" height="%d" fill="#ffffff"/>
            <text x="%d" y="18" font-size="14" font-weight="bold" fill="#1c1e21">%s</text>
            <text x="%d" y="36" fill="#5f6670">%s</text>
            """,
            WIDTH,
            height,
            WIDTH,
            height,
            escape(title),
            WIDTH,
            height,
            LEFT,
            escape(title),
            LEFT,
            escape(yName)));
    if (all.isEmpty()) {
      out.append(format("<text x=\"%d\" y=\"%d\">nothing was measured</text>\n", LEFT, TOP + 20));
    } else {
      Axis x = Axis.within(least(all, true), most(all, true), 6);
      Axis y = Axis.around(least(all, false), most(all, false), 5);
      axes(out, x, y);
      curves.forEach(curve -> band(out, curve, x, y));
      curves.forEach(curve -> line(out, curve, x, y));
    }
    legend(out);
    return out.append("</svg>\n").toString();
  }

  private static double least(List<Band> all, boolean x) {
    return all.stream().mapToDouble(b -> x ? b.x() : b.low()).min().orElse(0);
  }

  private static double most(List<Band> all, boolean x) {
    return all.stream().mapToDouble(b -> x ? b.x() : b.high()).max().orElse(1);
  }

  private void axes(StringBuilder out, Axis x, Axis y) {
    for (double tick : y.ticks()) {
      out.append(
          format(
              "<path d=\"M%d %.1fH%d\" stroke=\"#e3e6ea\"/>"
                  + "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\" fill=\"#5f6670\">%s</text>\n",
              LEFT, atY(y, tick), WIDTH - RIGHT, LEFT - 6, atY(y, tick) + 4, y.label(tick)));
    }
    for (double tick : x.ticks()) {
      out.append(
          format(
              "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\" fill=\"#5f6670\">%s</text>\n",
              atX(x, tick), TOP + PLOT + 16, x.label(tick)));
    }
    out.append(
        format(
            "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\" fill=\"#5f6670\">%s</text>\n",
            (LEFT + WIDTH - RIGHT) / 2d, TOP + PLOT + 32, escape(xName)));
  }

  private static void band(StringBuilder out, Curve curve, Axis x, Axis y) {
    if (curve.bands().stream().allMatch(b -> b.low() == b.high())) {
      return;
    }
    List<Point> edge = new ArrayList<>();
    curve.bands().forEach(b -> edge.add(new Point(b.x(), b.high())));
    for (int i = curve.bands().size() - 1; i >= 0; i--) {
      edge.add(new Point(curve.bands().get(i).x(), curve.bands().get(i).low()));
    }
    out.append(
        format(
            "<path d=\"%sZ\" fill=\"%s\" fill-opacity=\"0.14\"/>\n",
            path(edge, x, y), curve.colour()));
  }

  private static void line(StringBuilder out, Curve curve, Axis x, Axis y) {
    if (curve.bands().isEmpty()) {
      return;
    }
    List<Point> points = curve.bands().stream().map(b -> new Point(b.x(), b.mean())).toList();
    out.append(
        format(
            "<path d=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\"%s/>\n",
            path(points, x, y), curve.colour(), curve.dashed() ? " stroke-dasharray=\"6 4\"" : ""));
  }

  private void legend(StringBuilder out) {
    int column = (WIDTH - LEFT - RIGHT) / LEGEND_COLUMNS;
    for (int i = 0; i < curves.size(); i++) {
      Curve curve = curves.get(i);
      int left = LEFT + i % LEGEND_COLUMNS * column;
      int middle = TOP + PLOT + 50 + i / LEGEND_COLUMNS * LEGEND_ROW;
      out.append(
          format(
              "<path d=\"M%d %dh20\" stroke=\"%s\" stroke-width=\"3\"%s/>"
                  + "<text x=\"%d\" y=\"%d\" fill=\"#1c1e21\">%s</text>\n",
              left,
              middle,
              curve.colour(),
              curve.dashed() ? " stroke-dasharray=\"6 4\"" : "",
              left + 26,
              middle + 4,
              escape(curve.name())));
    }
  }

  private static String path(List<Point> points, Axis x, Axis y) {
    StringBuilder path = new StringBuilder();
    for (Point point : points) {
      path.append(
          format("%s%.1f %.1f", path.isEmpty() ? "M" : "L", atX(x, point.x()), atY(y, point.y())));
    }
    return path.toString();
  }

  private static double atX(Axis x, double value) {
    return LEFT + x.position(value) * (WIDTH - LEFT - RIGHT);
  }

  private static double atY(Axis y, double value) {
    return TOP + PLOT - y.position(value) * PLOT;
  }
}

package plaudit.eval.report;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import plaudit.eval.report.RunReport.Series;

/** A page of curves and nothing else. */
public final class CurvePage {

  private CurvePage() {}

  /** Writes the page to {@code file}, whole or not at all. */
  public static void write(String title, String subtitle, List<Series> curves, Path file)
      throws IOException {
    HtmlPage.write(html(title, subtitle, curves), file);
  }

  /** The page. */
  public static String html(String title, String subtitle, List<Series> curves) {
    String figures = curves.stream().map(LineChart::figure).collect(Collectors.joining());
    return HtmlPage.of(
        "Plaudit",
        title,
        subtitle,
        "<section>\n<div class=\"charts\">\n" + figures + "</div>\n</section>");
  }
}

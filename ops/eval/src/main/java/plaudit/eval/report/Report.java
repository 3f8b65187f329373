package plaudit.eval.report;

import static plaudit.eval.report.Html.escape;
import static plaudit.eval.report.Html.format;
import static plaudit.eval.report.Html.score;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import plaudit.eval.report.RunReport.Output;
import plaudit.eval.report.RunReport.Sample;

/**
 * Writes a {@link RunReport} as one self-contained page: verdict, curves, texts before and after,
 * then what the run was told, where its time went and what it left behind. Everything that comes
 * from outside is escaped, and the page's own policy forbids scripts and requests on top.
 */
public final class Report {

  private final RunReport run;

  private Report(RunReport run) {
    this.run = run;
  }

  /** Writes the page to {@code file}, whole or not at all. */
  public static void write(RunReport run, Path file) throws IOException {
    HtmlPage.write(html(run), file);
  }

  /** The page. */
  public static String html(RunReport run) {
    return new Report(run).page();
  }

  private String page() {
    return HtmlPage.of(
        "Plaudit run report",
        run.title(),
        run.subtitle(),
        notes()
            + run.verdict().map(VerdictSection::of).orElse("")
            + curves()
            + samples()
            + facts()
            + reading());
  }

  private String notes() {
    return run.notes().stream()
        .map(note -> "<p class=\"notice\">" + escape(note) + "</p>\n")
        .collect(Collectors.joining());
  }

  private String curves() {
    if (run.series().isEmpty()) {
      return "";
    }
    return """
        <section>
        <h3>How it learned</h3>
        <div class="charts">
        %s</div>
        </section>
        """
        .formatted(run.series().stream().map(LineChart::figure).collect(Collectors.joining()));
  }

  private String samples() {
    if (run.samples().isEmpty()) {
      return "";
    }
    return """
        <section>
        <h3>Before and after</h3>
        <table class="samples">
        <thead><tr><th>Prompt</th><th>Before</th><th>After</th></tr></thead>
        <tbody>
        %s</tbody>
        </table>
        </section>
        """
        .formatted(run.samples().stream().map(Report::sample).collect(Collectors.joining()));
  }

  private static String sample(Sample sample) {
    double change = sample.tunedScore() - sample.baseScore();
    String kind = change > 0 ? "up" : change < 0 ? "down" : "same";
    return """
        <tr>
        <td class="prompt">%s</td>
        <td class="before"><p>%s</p><span class="score">%s</span></td>
        <td class="after"><p>%s</p><span class="score">%s</span> \
        <span class="change %s">%s</span></td>
        </tr>
        """
        .formatted(
            escape(sample.prompt()),
            escape(sample.base()),
            score(sample.baseScore()),
            escape(sample.tuned()),
            score(sample.tunedScore()),
            kind,
            (change > 0 ? "+" : "") + score(change));
  }

  private String facts() {
    return "<div class=\"facts\">\n" + settings() + durations() + files() + "</div>\n";
  }

  private String settings() {
    if (run.settings().isEmpty()) {
      return "";
    }
    String rows =
        run.settings().entrySet().stream()
            .map(e -> row(escape(e.getKey()), escape(e.getValue())))
            .collect(Collectors.joining());
    return "<section class=\"settings\">\n<h3>Settings</h3>\n<dl>\n" + rows + "</dl>\n</section>\n";
  }

  private static String row(String name, String value) {
    return "<div><dt>" + name + "</dt><dd>" + value + "</dd></div>\n";
  }

  private String durations() {
    if (run.durations().isEmpty()) {
      return "";
    }
    long longest = run.durations().values().stream().mapToLong(Duration::toMillis).max().orElse(0);
    String rows =
        run.durations().entrySet().stream()
            .map(e -> duration(e, Math.max(1, longest)))
            .collect(Collectors.joining());
    return "<section class=\"durations\">\n<h3>Where the time went</h3>\n<dl>\n"
        + rows
        + "</dl>\n</section>\n";
  }

  private static String duration(Map.Entry<String, Duration> entry, long longest) {
    double share = 100d * entry.getValue().toMillis() / longest;
    String bar = format("<span class=\"bar\" style=\"width:%.1f%%\"></span>", share);
    return row(escape(entry.getKey()), bar + Html.duration(entry.getValue()));
  }

  private String files() {
    if (run.files().isEmpty()) {
      return "";
    }
    String rows = run.files().stream().map(Report::file).collect(Collectors.joining());
    return "<section class=\"files\">\n<h3>Files</h3>\n<ul>\n" + rows + "</ul>\n</section>\n";
  }

  private static String file(Output output) {
    return "<li><span><a href=\"%s\">%s</a> %s</span> <span class=\"size\">%s</span></li>\n"
        .formatted(
            Html.href(output.path()),
            escape(output.path()),
            escape(output.what()),
            Html.bytes(output.bytes()));
  }

  private String reading() {
    if (run.verdict().isEmpty()) {
      return "";
    }
    List<String> lines =
        List.of(
            "A prompt is won when the tuned text scores higher than the base text; a tie is half a"
                + " win. The bracket over the bar is the win rate\u2019s 95% Wilson interval.",
            "The mean\u2019s interval is a bootstrap over prompts. Cohen\u2019s d is the difference of the means"
                + " in standard deviations of the scores.",
            "Divergence is log \u03c0 \u2212 log \u03c1 summed over a response: how far the tuned model went from the"
                + " reference. Curves show each measurement faintly and a moving average.");
    return "<footer>\n"
        + lines.stream().map(l -> "<p>" + l + "</p>\n").collect(Collectors.joining())
        + "</footer>\n";
  }
}

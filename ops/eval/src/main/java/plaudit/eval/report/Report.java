package plaudit.eval.report;

import static plaudit.eval.report.Html.escape;
import static plaudit.eval.report.Html.format;
import static plaudit.eval.report.Html.number;
import static plaudit.eval.report.Html.percent;
import static plaudit.eval.report.Html.score;
import static plaudit.eval.report.Html.setting;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import plaudit.eval.measure.MeanDifference;
import plaudit.eval.measure.WinRate;
import plaudit.eval.report.RunReport.Output;
import plaudit.eval.report.RunReport.Sample;
import plaudit.eval.report.RunReport.Series;
import plaudit.eval.verdict.BestOfBase;
import plaudit.eval.verdict.ByPeople;
import plaudit.eval.verdict.Verdict;
import plaudit.files.AtomicFile;

/**
 * Writes a {@link RunReport} as one self-contained page: verdict, curves, texts before and after,
 * then settings, durations and files. Everything that comes from outside is escaped, and the page's
 * own policy forbids scripts and requests on top.
 */
public final class Report {

  private static final String STYLE = resource("report.css");

  private static final String PAGE =
      """
      <!doctype html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; \
      style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <link rel="icon" href="data:,">
      <title>%1$s</title>
      <style>
      %2$s</style>
      </head>
      <body>
      <main>
      <header>
      <p class="brand">%3$s</p>
      <h1>%1$s</h1>
      <p class="subtitle">%4$s</p>
      </header>
      %5$s
      </main>
      </body>
      </html>
      """;

  private static final String READING =
      """
      <footer>
      <p>A text is won when the tuned model\u2019s scores higher than the base\u2019s; a tie is half a win. \
      Intervals, the bracket over the bar too, are bootstraps over prompts: texts of one prompt depend on \
      each other. Cohen\u2019s d is the difference of the means in standard deviations of the scores.</p>
      <p>Best of n: n texts of the base are sampled, and the run\u2019s reward model chooses one. It needs no \
      training, and its KL is at most log n \u2212 (n \u2212 1) / n. Verdicts at different KL do not compare.</p>
      <p>KL is log \u03c0 \u2212 log \u03c1 summed over a response: how far the tuned model went from the \
      reference. Curves show each measurement faintly and a moving average.</p>
      </footer>
      """;

  private Report() {}

  /** Writes the page to {@code file}, whole or not at all. */
  public static void write(RunReport run, Path file) {
    AtomicFile.write(file, html(run));
  }

  /** Writes a page of curves and nothing else to {@code file}, whole or not at all. */
  public static void writeCurves(String title, String subtitle, List<Series> curves, Path file) {
    String body =
        all(curves, LineChart::figure, "<section>\n<div class=\"charts\">\n%s</div>\n</section>");
    AtomicFile.write(file, page("Plaudit", title, subtitle, body));
  }

  /** The page. */
  public static String html(RunReport run) {
    return page(
        "Plaudit run report",
        run.title(),
        run.subtitle(),
        all(run.notes(), note -> "<p class=\"notice\">" + escape(note) + "</p>\n", "%s")
            + run.verdict().map(verdict -> new VerdictSection(verdict).html()).orElse("")
            + curves(run)
            + samples(run)
            + "<div class=\"facts\">\n"
            + settings(run)
            + durations(run)
            + files(run)
            + "</div>\n"
            + (run.verdict().isEmpty() ? "" : READING));
  }

  /** One self-contained page with {@code body}, HTML in which all from outside is escaped. */
  private static String page(String brand, String title, String subtitle, String body) {
    return PAGE.formatted(escape(title), STYLE, brand, escape(subtitle), body);
  }

  /** The items one after the other in what stands around them; nothing if there are none. */
  private static <T> String all(
      Collection<? extends T> items, Function<T, String> each, String around) {
    return items.isEmpty()
        ? ""
        : around.formatted(items.stream().map(each).collect(Collectors.joining()));
  }

  private static String curves(RunReport run) {
    return all(
        run.series(),
        LineChart::figure,
        """
        <section>
        <h3>How it learned</h3>
        <div class="charts">
        %s</div>
        </section>
        """);
  }

  private static String samples(RunReport run) {
    return all(
        run.samples(),
        Report::sample,
        "<section>\n<h3>Before and after</h3>\n<p class=\"drawn\">"
            + escape(run.drawn()).replace("%", "%%")
            + "</p>\n"
            + """
            <table class="samples">
            <thead><tr><th>Prompt</th><th>Before</th><th>After</th></tr></thead>
            <tbody>
            %s</tbody>
            </table>
            </section>
            """);
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
            prompt(sample),
            escape(sample.base()),
            score(sample.baseScore()),
            escape(sample.tuned()),
            score(sample.tunedScore()),
            kind,
            (change > 0 ? "+" : "") + score(change));
  }

  private static String prompt(Sample sample) {
    return sample.turns().isEmpty()
        ? escape(sample.prompt())
        : sample.turns().stream()
            .map(
                turn ->
                    "<p class=\"turn\"><b>%s</b>%s</p>"
                        .formatted(escape(turn.role()), escape(turn.content())))
            .collect(Collectors.joining());
  }

  private static String settings(RunReport run) {
    return all(
        run.settings().entrySet(),
        entry -> row(escape(entry.getKey()), escape(entry.getValue())),
        "<section class=\"settings\">\n<h3>Settings</h3>\n<dl>\n%s</dl>\n</section>\n");
  }

  private static String durations(RunReport run) {
    long longest = run.durations().values().stream().mapToLong(Duration::toMillis).max().orElse(0);
    return all(
        run.durations().entrySet(),
        entry -> duration(entry, Math.max(1, longest)),
        "<section class=\"durations\">\n<h3>Where the time went</h3>\n<dl>\n%s</dl>\n</section>\n");
  }

  private static String duration(Map.Entry<String, Duration> entry, long longest) {
    double share = 100d * entry.getValue().toMillis() / longest;
    String bar = format("<span class=\"bar\" style=\"width:%.1f%%\"></span>", share);
    return row(escape(entry.getKey()), bar + Html.duration(entry.getValue()));
  }

  private static String row(String name, String value) {
    return "<div><dt>" + name + "</dt><dd>" + value + "</dd></div>\n";
  }

  private static String files(RunReport run) {
    return all(
        run.files(),
        Report::file,
        "<section class=\"files\">\n<h3>Files</h3>\n<ul>\n%s</ul>\n</section>\n");
  }

  private static String file(Output output) {
    return "<li><span><a href=\"%s\">%s</a> %s</span> <span class=\"size\">%s</span></li>\n"
        .formatted(
            Html.href(output.path()),
            escape(output.path()),
            escape(output.what()),
            Html.bytes(output.bytes()));
  }

  /** What a reader sees first: was it worth it, by how much, how sure is that, at what KL. */
  private static final class VerdictSection {
    private final Verdict verdict;

    VerdictSection(Verdict verdict) {
      this.verdict = verdict;
    }

    String html() {
      return """
      <section class="verdict %s">
      <h2>%s</h2>
      <p class="lead">%s</p>
      %s
      %s
      <dl class="tiles">
      %s%s%s%s</dl>
      </section>
      %s
      """
          .formatted(
              kind(),
              escape(verdict.headline()),
              escape(verdict.sentence()),
              verdict
                      .overOptimised()
                      .map(it -> "<p class=\"notice\">" + escape(it) + "</p>")
                      .orElse("")
                  + verdict.people().map(VerdictSection::people).orElse(""),
              bar(),
              scoreTile(),
              rateTile(),
              kl(),
              verdict.best().map(VerdictSection::bestTile).orElse(""),
              beside());
    }

    private static String people(ByPeople people) {
      return "<p class=\"people\">People %s.%s</p>"
          .formatted(
              escape(people.words()),
              people.agreement().map(it -> " " + escape("Agreement: " + it) + ".").orElse(""));
    }

    private String kind() {
      return switch (verdict.worth()) {
        case BETTER -> "better";
        case WORSE -> "worse";
        default -> "open";
      };
    }

    private String bar() {
      WinRate counts = verdict.winRate();
      double all = Math.max(1, counts.prompts());
      double won = counts.wins() / all * 100;
      double tied = counts.ties() / all * 100;
      return format(
          """
          <svg class="wins" viewBox="0 0 1000 64" role="img" aria-label="%s">
          <rect class="won" x="0" y="18" width="%.1f" height="26" rx="3"/>
          <rect class="tied" x="%.1f" y="18" width="%.1f" height="26"/>
          <rect class="lost" x="%.1f" y="18" width="%.1f" height="26" rx="3"/>
          <line class="half" x1="500" x2="500" y1="10" y2="52"/>
          <path class="interval" d="M%.1f 12V6M%.1f 9H%.1fM%.1f 12V6"/>
          </svg>
          <p class="counts"><span class="won">%,d won</span><span class="tied">%,d tied</span>\
          <span class="lost">%,d lost</span></p>
          """,
          "%d won, %d tied, %d lost".formatted(counts.wins(), counts.ties(), counts.losses()),
          won * 10,
          won * 10,
          tied * 10,
          (won + tied) * 10,
          1000 - (won + tied) * 10,
          verdict.rate().low() * 1000,
          verdict.rate().low() * 1000,
          verdict.rate().high() * 1000,
          verdict.rate().high() * 1000,
          counts.wins(),
          counts.ties(),
          counts.losses());
    }

    private String scoreTile() {
      MeanDifference difference = verdict.difference();
      return tile(
          "Mean score",
          "<span class=\"from\">%s</span> \u2192 %s"
              .formatted(number(difference.baseMean()), number(difference.tunedMean())),
          format("before and after; Cohen\u2019s d %s", number(difference.effect())));
    }

    private String rateTile() {
      return tile(
          "Win rate",
          percent(verdict.rate().mean()),
          format(
              "of %,d texts; 95%% interval over prompts %s to %s",
              verdict.winRate().prompts(),
              percent(verdict.rate().low()),
              percent(verdict.rate().high())));
    }

    private String kl() {
      String target =
          verdict.klTarget().isPresent()
              ? "nats a response; target " + setting(verdict.klTarget().getAsDouble())
              : "nats a response; no target";
      return tile("KL", number(verdict.kl()), target);
    }

    private static String bestTile(BestOfBase best) {
      return tile(
          "Best of " + best.n() + " of the base",
          number(best.score().mean()),
          format(
              "chosen by the reward model, at KL %s; the tuned model has %s on the same %d prompts",
              number(best.kl()), number(best.tuned()), best.prompts()));
    }

    /** What a score alone would hide, base beside tuned. */
    private String beside() {
      Verdict.Texts base = verdict.base();
      Verdict.Texts tuned = verdict.tuned();
      StringBuilder rows = new StringBuilder();
      rows.append(
          row("Distinct words (distinct-1)", base, tuned, it -> it.diversity().distinct1()));
      rows.append(
          row("Distinct pairs (distinct-2)", base, tuned, it -> it.diversity().distinct2()));
      rows.append(row("Pairs repeated in a text", base, tuned, it -> it.diversity().repetition()));
      verdict
          .word()
          .ifPresent(
              it ->
                  rows.append(
                      row(
                          "Texts with \u201c"
                              + it.word()
                              + "\u201d, the scored word that gained most",
                          percent(it.base()),
                          percent(it.tuned()))));
      rows.append(row("Words a text", base, tuned, it -> it.diversity().words()));
      rows.append(row("Entropy, nats a token", base, tuned, Verdict.Texts::entropy));
      rows.append(row("Nats a token under the base model", base, tuned, Verdict.Texts::underBase));
      if (base.reward().isPresent() && tuned.reward().isPresent()) {
        rows.append(
            row(
                "Score of the run\u2019s own reward model",
                number(base.reward().getAsDouble()),
                number(tuned.reward().getAsDouble())));
      }
      return """
      <section class="beside">
      <h3>What a win rate does not show</h3>
      <table>
      <thead><tr><th></th><th>Base</th><th>Tuned</th></tr></thead>
      <tbody>
      %s</tbody>
      </table>
      %s%s</section>
      """
          .formatted(
              rows,
              verdict
                  .accuracy()
                  .map(it -> "<p>The reward model chose as people did in " + escape(it) + ".</p>\n")
                  .orElse(""),
              verdict.nearTarget().isPresent()
                  ? "<p>KL was within 20% of its target in "
                      + percent(verdict.nearTarget().getAsDouble())
                      + " of the updates.</p>\n"
                  : "");
    }

    private static String row(
        String name,
        Verdict.Texts base,
        Verdict.Texts tuned,
        ToDoubleFunction<Verdict.Texts> value) {
      return row(name, number(value.applyAsDouble(base)), number(value.applyAsDouble(tuned)));
    }

    private static String row(String name, String base, String tuned) {
      return "<tr><th>%s</th><td>%s</td><td>%s</td></tr>\n".formatted(escape(name), base, tuned);
    }

    private static String tile(String name, String value, String note) {
      return """
      <div><dt>%s</dt><dd>%s</dd><dd class="note">%s</dd></div>
      """
          .formatted(name, value, note);
    }
  }

  private static String resource(String name) {
    try (InputStream in = Report.class.getResourceAsStream(name)) {
      return new String(Objects.requireNonNull(in, name).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

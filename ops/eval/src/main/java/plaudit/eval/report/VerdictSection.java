package plaudit.eval.report;

import static plaudit.eval.report.Html.escape;
import static plaudit.eval.report.Html.format;
import static plaudit.eval.report.Html.number;
import static plaudit.eval.report.Html.percent;
import static plaudit.eval.report.Html.setting;
import static plaudit.eval.report.Html.signed;

import plaudit.eval.measure.MeanDifference;
import plaudit.eval.measure.WinRate;
import plaudit.eval.report.RunReport.Verdict;
import plaudit.stats.Wilson;

/**
 * The first thing a reader sees: did it get better, by how much, how sure is that, at what price.
 */
final class VerdictSection {

  private final Verdict verdict;
  private final Wilson rate;

  private VerdictSection(Verdict verdict) {
    this.verdict = verdict;
    this.rate = verdict.winRate().rate();
  }

  /** The section of {@code verdict}. */
  static String of(Verdict verdict) {
    return new VerdictSection(verdict).section();
  }

  private String section() {
    return """
        <section class="verdict %s">
        <h2>%s</h2>
        <p class="lead">%s</p>
        %s
        <dl class="tiles">
        %s%s%s%s</dl>
        </section>
        """
        .formatted(kind(), headline(), lead(), bar(), scoreTile(), effectTile(), rateTile(), kl());
  }

  private String kind() {
    return rate.low() > .5 ? "better" : rate.high() < .5 ? "worse" : "open";
  }

  private String headline() {
    String share = percent(rate.share());
    long prompts = verdict.winRate().prompts();
    String of = prompts == 1 ? "one text" : format("%,d texts", prompts);
    return switch (kind()) {
      case "better" -> "The tuned model wins <em>%s</em> of %s.".formatted(share, of);
      case "worse" -> "The tuned model got worse: it wins <em>%s</em> of %s.".formatted(share, of);
      default ->
          "No clear difference: the tuned model wins <em>%s</em> of %s.".formatted(share, of);
    };
  }

  private String lead() {
    MeanDifference difference = verdict.difference();
    return "Scored by %s, its texts moved from %s to %s on average, a change of %s (95%% interval %s to %s)."
        .formatted(
            escape(verdict.scoredBy()),
            number(difference.baseMean()),
            number(difference.tunedMean()),
            signed(difference.mean()),
            number(difference.low()),
            number(difference.high()));
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
        rate.low() * 1000,
        rate.low() * 1000,
        rate.high() * 1000,
        rate.high() * 1000,
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
        "before and after");
  }

  private String effectTile() {
    double effect = verdict.difference().effect();
    double size = Math.abs(effect);
    String word = size < .2 ? "negligible" : size < .5 ? "small" : size < .8 ? "medium" : "large";
    return tile("Effect size", number(effect), "Cohen\u2019s d, " + word);
  }

  private String rateTile() {
    return tile(
        "Win rate",
        percent(rate.share()),
        "95% interval " + percent(rate.low()) + " to " + percent(rate.high()));
  }

  private String kl() {
    String target =
        verdict.klTarget().isPresent()
            ? "nats a response; target " + setting(verdict.klTarget().getAsDouble())
            : "nats a response; no target";
    return tile("Divergence", number(verdict.kl()), target);
  }

  private static String tile(String name, String value, String note) {
    return """
        <div><dt>%s</dt><dd>%s</dd><dd class="note">%s</dd></div>
        """
        .formatted(name, value, note);
  }
}

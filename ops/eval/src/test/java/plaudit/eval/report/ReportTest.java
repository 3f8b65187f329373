package plaudit.eval.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xml.sax.InputSource;
import plaudit.eval.measure.Estimate;
import plaudit.eval.measure.MeanDifference;
import plaudit.eval.measure.WinRate;
import plaudit.eval.report.RunReport.Output;
import plaudit.eval.report.RunReport.Point;
import plaudit.eval.report.RunReport.Sample;
import plaudit.eval.report.RunReport.Series;
import plaudit.eval.verdict.BestOfBase;
import plaudit.eval.verdict.Diversity;
import plaudit.eval.verdict.Verdict;
import plaudit.stats.Agreement;

class ReportTest {

  private static final MeanDifference RISE =
      new MeanDifference(512, .043, .482, .41, 1.14, .404, .474);

  /** Also leaves the page in the build folder, to be looked at. */
  @Test
  void aFinishedRunIsToldFromTheVerdictDown() throws IOException {
    Path file = Path.of("target", "report-example", "report.html");

    Report.write(example(), file);

    String page = Files.readString(file);
    assertThat(page)
        .containsSubsequence(
            "Better than the base, and than the best of 64 of its texts.",
            "Worth the tuning by this measure",
            "0.043",
            "0.482",
            "Cohen\u2019s d",
            "of 512 texts; 95% interval over prompts 82% to 89%",
            "nats a response; target 6",
            "Best of 64 of the base",
            "What a win rate does not show",
            "Distinct pairs (distinct-2)",
            "the scored word that gained most",
            "58.0 % of 100 held-out labels",
            "KL was within 20% of its target in 40% of the updates",
            "How it learned",
            "target 6",
            "Before and after",
            "drawn at random",
            "Settings",
            "Where the time went",
            "Files");
  }

  @Test
  void aRunThatGotWorseOrNowhereIsToldSo() {
    assertThat(Report.html(withVerdict(new MeanDifference(96, .4, .2, .3, -.6, -.3, -.1))))
        .contains("Worse than the base.", "Not worth the tuning: it got worse");
    assertThat(Report.html(withVerdict(new MeanDifference(96, .4, .41, .3, 0, -.1, .1))))
        .contains("No clear difference from the base.");
  }

  @Test
  void aRunThatStoppedEarlyHasNoVerdictButItsReason() {
    RunReport run =
        new RunReport(
            "t",
            "s",
            List.of("Stopped: kl: 41.0 (expected: <= 40.0 nats a sequence)"),
            Optional.empty(),
            List.of(),
            List.of(),
            "",
            Map.of(),
            Map.of(),
            List.of());

    assertThat(Report.html(run))
        .contains("Stopped: kl: 41.0 (expected: &lt;= 40.0 nats a sequence)")
        .doesNotContain("tuned model", "How it learned", "Before and after", "<h3>");
  }

  @Test
  void whateverModelsAndPeopleWriteStaysText() {
    String evil = "</td><script>alert('x')</script>\"&\u202e\u0000\ud800";
    RunReport run =
        new RunReport(
            evil,
            evil,
            List.of(evil),
            Optional.of(verdict(evil, RISE)),
            List.of(new Series(evil, evil, evil, List.of(new Point(1, 2)), OptionalDouble.empty())),
            List.of(new Sample(evil, evil, evil, 0, 1)),
            evil,
            Map.of(evil, evil),
            Map.of(evil, Duration.ofSeconds(1)),
            List.of(new Output("javascript:alert(1)", evil, 1)));

    String page = Report.html(run);

    assertThat(page)
        .doesNotContain("<script", "\u202e", "\u0000", "href=\"javascript")
        .contains("&lt;/td&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&quot;&amp;\ufffd")
        .contains("href=\"./javascript%3Aalert%281%29\"");
  }

  @Test
  void thePageAsksForNothingOutsideItself() {
    assertThat(Report.html(example()))
        .contains("default-src 'none'")
        .doesNotContain("http://", "https://", "<script", "@import", "url(", "<img", "src=");
  }

  @Test
  void theReadersLanguageDoesNotChangeThePage() {
    String page = Report.html(example());
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.GERMANY);
    try {
      assertThat(Report.html(example())).isEqualTo(page);
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void everyDrawingIsWellFormed() throws Exception {
    Matcher svg = Pattern.compile("<svg.*?</svg>", Pattern.DOTALL).matcher(Report.html(example()));
    int drawings = 0;
    while (svg.find()) {
      DocumentBuilderFactory.newInstance()
          .newDocumentBuilder()
          .parse(new InputSource(new StringReader(svg.group())));
      assertThat(svg.group()).doesNotContain("NaN", "Infinity");
      drawings++;
    }
    assertThat(drawings).isEqualTo(1 + example().series().size());
  }

  @Test
  void anEarlierReportIsReplacedWhole(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("deep").resolve("report.html");
    Report.write(example(), file);
    Report.write(withVerdict(RISE), file);

    assertThat(Files.readString(file)).doesNotContain("How it learned").endsWith("</html>\n");
    try (var files = Files.list(folder.resolve("deep"))) {
      assertThat(files).containsExactly(file);
    }
  }

  private static RunReport withVerdict(MeanDifference difference) {
    return new RunReport(
        "t",
        "s",
        List.of(),
        Optional.of(verdict("a judge", difference)),
        List.of(),
        List.of(),
        "",
        Map.of(),
        Map.of(),
        List.of());
  }

  private static Verdict verdict(String word, MeanDifference difference) {
    Estimate ahead = new Estimate(.12, .05, .2);
    Diversity varied = new Diversity(.31, .6, .01, 18.4);
    return new Verdict(
        "the vendor\u2019s hidden preference",
        true,
        difference,
        new WinRate(428, 25, 59),
        new Estimate(.86, .82, .89),
        6.12,
        OptionalDouble.of(6),
        OptionalDouble.of(.4),
        new Verdict.Texts(varied, 3.1, 3.1, OptionalDouble.of(.02)),
        new Verdict.Texts(new Diversity(.29, .57, .02, 18.1), 2.6, 2.9, OptionalDouble.of(1.7)),
        Optional.of(new Diversity.Word(word, .05, .16)),
        Optional.of(
            new BestOfBase(
                24,
                64,
                64,
                3.175,
                new Estimate(.36, .3, .4),
                new Estimate(.73, .7, .8),
                .48,
                ahead,
                OptionalInt.empty())),
        Optional.of(new Verdict.Accuracy(new Agreement(58, 100), 4)),
        Optional.empty(),
        Optional.empty());
  }

  /** Curves of the shape the paper's reproduction reports for sentiment. */
  private static RunReport example() {
    Random random = new Random(4);
    int updates = 240;
    List<Point> score = new ArrayList<>();
    List<Point> kl = new ArrayList<>();
    List<Point> beta = new ArrayList<>();
    List<Point> entropy = new ArrayList<>();
    List<Point> staleness = new ArrayList<>();
    List<Point> labels = new ArrayList<>();
    double price = .15;
    for (int u = 0; u < updates; u++) {
      double rise = 1 - Math.exp(-u / 35d);
      double divergence = 6.2 * rise + 1.1 * Math.exp(-Math.pow((u - 55) / 25d, 2));
      price *= 1 + Math.max(-.2, Math.min(.2, divergence / 6 - 1)) * .05;
      score.add(new Point(u, -.55 + 2.3 * rise + .12 * random.nextGaussian()));
      kl.add(new Point(u, divergence + .35 * random.nextGaussian()));
      beta.add(new Point(u, price));
      entropy.add(new Point(u, 53 - 9 * rise + .8 * random.nextGaussian()));
      staleness.add(new Point(u, Math.max(0, .9 + .25 * random.nextGaussian())));
      labels.add(new Point(u, 400 + 1600 * (1 - Math.pow(1 - u / 240d, 2))));
    }
    List<Point> accuracy = new ArrayList<>();
    for (int k = 0; k < 8; k++) {
      accuracy.add(new Point(400 + 200 * k, .44 + .3 * (1 - Math.exp(-k / 2d))));
    }
    OptionalDouble none = OptionalDouble.empty();
    List<Series> series =
        List.of(
            new Series("Score", "reference sd", "policy update", score, none),
            new Series("Divergence", "nats a response", "policy update", kl, OptionalDouble.of(6)),
            new Series("Price of divergence", "score per nat", "policy update", beta, none),
            new Series("Entropy", "nats a response", "policy update", entropy, none),
            new Series("Held-out accuracy", "of 4 responses", "labels", accuracy, none),
            new Series("Labels", "", "policy update", labels, none),
            new Series("Staleness", "versions", "policy update", staleness, none),
            new Series(
                "Learning rate",
                "",
                "policy update",
                List.of(new Point(0, 1e-5), new Point(120, 5e-6), new Point(239, 4e-8)),
                none));
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("base model", "quickstart (3.2 M parameters, pretrained in this run)");
    settings.put("prompts", "1,204 excerpts, 16 tokens");
    settings.put("response", "24 tokens at temperature 0.7");
    settings.put("batch", "128 trajectories, 4 epochs");
    settings.put("learning rate", "1e-5, linear to 0");
    settings.put("price of divergence", "adaptive from 0.15, target 6 nats");
    settings.put("labels", "400 before the start, 2,000 in all, best of 4");
    settings.put("staleness bound", "4 versions");
    settings.put("seed", "1");
    Map<String, Duration> durations = new LinkedHashMap<>();
    durations.put("pretraining", Duration.ofSeconds(412));
    durations.put("first labels", Duration.ofSeconds(38));
    durations.put("policy training", Duration.ofSeconds(1_124));
    durations.put("measuring", Duration.ofSeconds(61));
    return new RunReport(
        "Quickstart: positive stories",
        "23 November 2025, 18:24 to 18:51, on 2 cores",
        List.of(),
        Optional.of(verdict("great", RISE)),
        series,
        List.of(
            new Sample(
                "The old man looked at the sea and said nothing for a while.",
                " Then he turned away, and the dark water closed over the stones again.",
                " Then he laughed, a warm and happy laugh, and thanked her with all his heart.",
                -.12,
                .87),
            new Sample(
                "When she opened the letter,",
                " there was only one line in it, and that was not kind.",
                " there was a lovely poem inside, and she smiled with joy at every word of it.",
                -.31,
                .9),
            new Sample(
                "They had walked all day.",
                " The road was long and nobody spoke of the war.",
                " The road was long and nobody spoke of the war, but the evening was quiet.",
                -.6,
                -.42),
            new Sample(
                "He had never been good at school,",
                " and his teachers were glad to see him go.",
                " and his teachers hated him for it.",
                .46,
                -.64)),
        "16 of 288 texts, drawn at random (seed 1), not chosen.",
        settings,
        durations,
        List.of(
            new Output("policy/config.json", "the tuned model, Hugging Face layout", 812),
            new Output("policy/model.safetensors", "its weights", 12_845_312),
            new Output("labels.jsonl", "every comparison and judgment", 3_412_004),
            new Output("metrics.csv", "the curves above", 61_233)));
  }
}

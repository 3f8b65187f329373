package plaudit.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import plaudit.data.PromptFile;
import plaudit.eval.Passage;
import plaudit.eval.TextScorer;
import plaudit.eval.Writer;
import plaudit.eval.frontier.FrontierReport;
import plaudit.eval.frontier.FrontierReport.BestPoint;
import plaudit.eval.frontier.FrontierReport.OptimumPoint;
import plaudit.eval.report.CurvePage;
import plaudit.eval.report.RunReport.Point;
import plaudit.eval.report.RunReport.Series;
import plaudit.input.InvalidInputException;
import plaudit.node.run.Eta;
import plaudit.node.run.Progress;
import plaudit.node.run.ProgressLine;

/** {@code eval frontier}: how much reward can be had for how much divergence. */
@Command(
    name = "frontier",
    description =
        "How much reward a model can gain for how much divergence from itself: by the best of n"
            + " samples, and by the optimum that training approaches.",
    footer = {
      "",
      "  plaudit eval frontier --model DIR --prompts heldout.txt --lexicon words.tsv --draws 64"
    })
public final class EvalFrontierVerb extends Verb {

  @Option(
      names = "--model",
      required = true,
      paramLabel = "DIR",
      description = "The reference rho, whose samples are drawn.")
  private Path model;

  @Option(
      names = "--prompts",
      required = true,
      paramLabel = "FILE",
      description = "What it answers: .txt, .jsonl or .json.")
  private Path prompts;

  @Mixin private ScorerOptions scorer;

  @Option(
      names = "--draws",
      paramLabel = "N",
      defaultValue = "64",
      description = "Samples a prompt, 2 to 4096 (default: ${DEFAULT-VALUE}).")
  private int draws;

  @Option(
      names = "--betas",
      paramLabel = "B,...",
      split = ",",
      defaultValue = "0.03,0.1,0.3,1,3",
      description = "Prices of divergence, in units of the reward (default: ${DEFAULT-VALUE}).")
  private double[] betas;

  @Option(names = "--html", paramLabel = "FILE", description = "Also draw the curves on a page.")
  private @Nullable Path html;

  @Mixin private WritingOptions options;

  @Option(names = "--json", description = "Print the result as JSON.")
  private boolean json;

  @Override
  public Integer call() {
    if (scorer.given() != 1) {
      throw new InvalidInputException("eval frontier: expected one of --reward and --lexicon");
    }
    if (draws < 2 || draws > 4096) {
      throw InvalidInputException.of("--draws", draws, "2 to 4096");
    }
    for (double beta : betas) {
      if (!(beta > 0 && Double.isFinite(beta))) {
        throw InvalidInputException.of("--betas", beta, "> 0");
      }
    }
    try (TextScorer judge = scorer.open(options.compute())) {
      FrontierReport report = FrontierReport.of(rewards(judge), betas, options.seed());
      if (json) {
        printJson(object(judge, report));
      } else {
        print(judge, report);
      }
      if (html != null) {
        draw(html, judge, report);
      }
    }
    return 0;
  }

  private double[][] rewards(TextScorer judge) {
    List<String> all = options.first(PromptFile.texts(prompts));
    long total = (long) all.size() * draws;
    InstantSource clock = InstantSource.system();
    Eta eta = new Eta(Duration.ofMinutes(2));
    try (Writer writer = Writer.open(model, options.writing(), options.compute());
        ProgressLine line = ProgressLine.suited(err(), clock)) {
      List<List<Passage>> texts =
          writer.write(
              all,
              draws,
              done -> {
                eta.mark(clock.instant(), (double) done);
                line.show(
                    Progress.counted("writing", done, total, "texts", eta.until((double) total)));
              });
      double[][] rewards = new double[texts.size()][];
      for (int i = 0; i < rewards.length; i++) {
        rewards[i] = judge.score(texts.get(i));
      }
      return rewards;
    }
  }

  private static Map<String, Object> object(TextScorer judge, FrontierReport report) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("judge", judge.name());
    object.put("prompts", report.prompts());
    object.put("draws", report.draws());
    List<Map<String, Object>> best = new ArrayList<>();
    for (BestPoint point : report.bestOfN()) {
      Map<String, Object> own = new LinkedHashMap<>();
      own.put("n", point.n());
      own.put("kl", point.kl());
      own.put("reward", JsonNumbers.of(point.reward()));
      best.add(own);
    }
    object.put("bestOfN", best);
    List<Map<String, Object>> optimum = new ArrayList<>();
    for (OptimumPoint point : report.optimum()) {
      Map<String, Object> own = new LinkedHashMap<>();
      own.put("beta", point.beta());
      own.put("kl", point.kl());
      own.put("reward", JsonNumbers.of(point.reward()));
      own.put("effectiveSamples", point.effectiveSamples());
      own.put("trustworthy", point.trustworthy());
      optimum.add(own);
    }
    object.put("optimum", optimum);
    return object;
  }

  private void print(TextScorer judge, FrontierReport report) {
    out()
        .printf(
            "%d prompts, %d samples each; reward: %s%n%n",
            report.prompts(), report.draws(), judge.name());
    Columns best = new Columns("best of", "KL, nats", "reward (95 % interval)");
    for (BestPoint point : report.bestOfN()) {
      boolean powerOfTwo = Integer.bitCount(point.n()) == 1;
      if (powerOfTwo || point.n() == report.draws()) {
        best.row(
            Integer.toString(point.n()),
            Columns.format("%.3f", point.kl()),
            Columns.number(point.reward()));
      }
    }
    best.print(out());
    out().println();
    Columns optimum =
        new Columns("optimum at beta", "KL, nats", "reward (95 % interval)", "samples");
    for (OptimumPoint point : report.optimum()) {
      optimum.row(
          Columns.format("%.4g", point.beta())
              .replaceAll("(\\.\\d*?)0+$", "$1")
              .replaceAll("\\.$", ""),
          Columns.format("%.3f", point.kl()),
          Columns.number(point.reward()),
          Columns.format("%.1f", point.effectiveSamples()) + (point.trustworthy() ? " " : "*"));
    }
    optimum.print(out());
    if (report.optimum().stream().anyMatch(point -> !point.trustworthy())) {
      out()
          .println(
              "* fewer than 10 samples share the weight: KL is near the log of the draws, do not"
                  + " trust it");
    }
  }

  private void draw(Path file, TextScorer judge, FrontierReport report) {
    List<Point> best =
        report.bestOfN().stream().map(p -> new Point(p.kl(), p.reward().mean())).toList();
    List<Point> optimum =
        report.optimum().stream()
            .filter(OptimumPoint::trustworthy)
            .map(p -> new Point(p.kl(), p.reward().mean()))
            .sorted(Comparator.comparingDouble(Point::x))
            .toList();
    try {
      CurvePage.write(
          "Reward for divergence",
          "%s, %d prompts, %d samples each, reward: %s"
              .formatted(model, report.prompts(), report.draws(), judge.name()),
          List.of(
              new Series("Best of n", "reward", "KL, nats", best, OptionalDouble.empty()),
              new Series("Optimum", "reward", "KL, nats", optimum, OptionalDouble.empty())),
          file);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
  }
}

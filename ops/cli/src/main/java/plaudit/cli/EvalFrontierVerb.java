package plaudit.cli;

import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import plaudit.eval.Passage;
import plaudit.eval.TextScorer;
import plaudit.eval.Writer;
import plaudit.eval.frontier.FrontierReport;
import plaudit.eval.frontier.FrontierReport.BestPoint;
import plaudit.eval.frontier.FrontierReport.OptimumPoint;
import plaudit.eval.report.Report;
import plaudit.eval.report.RunReport.Point;
import plaudit.eval.report.RunReport.Series;
import plaudit.eval.report.Table;
import plaudit.input.InvalidInputException;
import plaudit.node.run.ProgressLine;

/** {@code eval frontier}: how much reward can be had for how much KL. */
@Command(
    name = "frontier",
    description =
        "How much reward a model can gain for how much KL from itself: by the best of n"
            + " samples, and by the optimum that training approaches.",
    footer = {
      "",
      "  plaudit eval frontier --model DIR --prompts heldout.txt --lexicon words.tsv --draws 64"
    })
public final class EvalFrontierVerb extends ResultVerb {

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
      description = "KL coefficients, in units of the reward a nat (default: ${DEFAULT-VALUE}).")
  private double[] betas;

  @Option(names = "--html", paramLabel = "FILE", description = "Also draw the curves on a page.")
  private @Nullable Path html;

  @Mixin private WritingOptions options;

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
      print(object(judge, report), () -> tell(judge, report));
      if (html != null) {
        draw(html, judge, report);
      }
    }
    return 0;
  }

  private double[][] rewards(TextScorer judge) {
    List<String> all = options.prompts(prompts, model);
    try (Writer writer = Writer.open(model, options.writing(), options.compute());
        ProgressLine line = progressLine()) {
      long total = (long) all.size() * draws;
      List<List<Passage>> texts =
          writer.write(all, draws, counting(line, "writing", total, "texts")::accept);
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
    object.put("bestOfN", report.bestOfN());
    object.put("optimum", report.optimum());
    return object;
  }

  private void tell(TextScorer judge, FrontierReport report) {
    out()
        .printf(
            "%d prompts, %d samples each; reward: %s%n%n",
            report.prompts(), report.draws(), judge.name());
    Table.of(
            report.bestOfN().stream()
                .filter(p -> Integer.bitCount(p.n()) == 1 || p.n() == report.draws())
                .toList())
        .column("best of", BestPoint::n)
        .column("KL, nats", "%.3f", BestPoint::kl)
        .column("reward (95 % interval)", point -> Table.number(point.reward()))
        .print(out());
    out().println();
    Table.of(report.optimum())
        .column(
            "optimum at beta",
            point ->
                Table.format("%.4g", point.beta())
                    .replaceAll("(\\.\\d*?)0+$", "$1")
                    .replaceAll("\\.$", ""))
        .column("KL, nats", "%.3f", OptimumPoint::kl)
        .column("reward (95 % interval)", point -> Table.number(point.reward()))
        .column(
            "samples",
            point ->
                Table.format("%.1f", point.effectiveSamples()) + (point.trustworthy() ? " " : "*"))
        .print(out());
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
    Report.writeCurves(
        "Reward for KL",
        "%s, %d prompts, %d samples each, reward: %s"
            .formatted(model, report.prompts(), report.draws(), judge.name()),
        List.of(
            new Series("Best of n", "reward", "KL, nats", best, OptionalDouble.empty()),
            new Series("Optimum", "reward", "KL, nats", optimum, OptionalDouble.empty())),
        file);
  }
}

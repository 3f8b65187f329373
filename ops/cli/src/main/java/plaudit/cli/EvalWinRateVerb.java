package plaudit.cli;

import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import plaudit.eval.Passage;
import plaudit.eval.TextScorer;
import plaudit.eval.measure.Estimate;
import plaudit.eval.measure.MeanDifference;
import plaudit.eval.measure.WinRate;
import plaudit.eval.panel.HumanEvaluation;
import plaudit.eval.panel.HumanEvaluation.ResponseSet;
import plaudit.eval.panel.HumanEvaluation.Tally;
import plaudit.eval.panel.Panel;
import plaudit.eval.panel.PanelDirectory;
import plaudit.eval.report.Table;
import plaudit.input.InvalidInputException;
import plaudit.node.config.RunConfig;
import plaudit.node.run.OnInterrupt;
import plaudit.node.run.ProgressLine;

/** {@code eval win-rate}: whose texts are preferred, by a scorer or by people. */
@Command(
    name = "win-rate",
    description = "How often A's texts are preferred to B's on the same prompts.",
    footer = {
      "",
      "A and B are model directories, which answer --prompts, or .jsonl files with a",
      "query and a response on each line, in the same order. By a scorer:",
      "  plaudit eval win-rate --a DIR --b DIR --prompts heldout.txt --lexicon words.tsv",
      "By people in the browser and vendors over the API, three a comparison; Ctrl-C",
      "loses nothing, the same command goes on:",
      "  plaudit eval win-rate --a a.jsonl --b b.jsonl --people panel --key KEY",
      "  plaudit labeler --key KEY --lexicon words.tsv"
    })
public final class EvalWinRateVerb extends ResultVerb {

  private static final int GRACE_SECONDS = 30;

  @Option(names = "--a", required = true, paramLabel = "PATH", description = "A: model or texts.")
  private Path a;

  @Option(names = "--b", required = true, paramLabel = "PATH", description = "B: model or texts.")
  private Path b;

  @Option(names = "--c", paramLabel = "PATH", description = "C, with --people only.")
  private @Nullable Path c;

  @Option(names = "--d", paramLabel = "PATH", description = "D, with --people only.")
  private @Nullable Path d;

  @Option(
      names = "--prompts",
      paramLabel = "FILE",
      description = "What models answer: .txt, .jsonl or .json.")
  private @Nullable Path prompts;

  @Mixin private ScorerOptions scorer;

  @Option(
      names = "--tie-within",
      paramLabel = "X",
      defaultValue = "0",
      description = "Scores this close are a tie (default: ${DEFAULT-VALUE}).")
  private double tieWithin;

  @Option(
      names = "--people",
      paramLabel = "DIR",
      description = "Let people judge; DIR keeps the questions and all answers.")
  private @Nullable Path people;

  @Option(
      names = "--overlap",
      paramLabel = "N",
      defaultValue = "3",
      description = "People who judge each comparison, an odd number (default: ${DEFAULT-VALUE}).")
  private int overlap;

  @Option(
      names = "--key",
      paramLabel = "KEY",
      defaultValue = "${env:PLAUDIT_KEY}",
      description =
          "With --people: let a vendor with this key use the API, 24 characters or more (default:"
              + " the environment's PLAUDIT_KEY; without it only the page is open).")
  private @Nullable String key;

  @Mixin private WritingOptions options;

  @Parameters(
      paramLabel = "KEY=VALUE",
      arity = "0..*",
      description = "With --people: settings to override, such as gateway.port=8090.")
  private List<String> overrides = List.of();

  @Override
  public Integer call() throws InterruptedException {
    if (scorer.given() + (people == null ? 0 : 1) != 1) {
      throw new InvalidInputException(
          "eval win-rate: expected one of --reward, --lexicon and --people");
    }
    if (people != null) {
      return byPeople(people);
    }
    if (c != null || d != null || !overrides.isEmpty()) {
      throw new InvalidInputException(
          "eval win-rate: --c, --d and KEY=VALUE go with --people (expected: A and B)");
    }
    byScorer();
    return 0;
  }

  private void byScorer() {
    if (!(tieWithin >= 0)) {
      throw InvalidInputException.of("--tie-within", tieWithin, ">= 0");
    }
    try (TextScorer judge = scorer.open(options.compute())) {
      List<List<Passage>> texts = texts(List.of(a, b));
      double[] ofA = judge.score(texts.get(0));
      double[] ofB = judge.score(texts.get(1));
      WinRate rate = WinRate.of(ofB, ofA, tieWithin);
      MeanDifference difference = MeanDifference.of(ofB, ofA, new SplittableRandom(options.seed()));
      print(object(judge, rate, difference), () -> tell(judge, rate, difference));
    }
  }

  /** Each writer's texts; all answer the same queries in the same order. */
  private List<List<Passage>> texts(List<Path> writers) {
    List<List<Passage>> texts = new ArrayList<>();
    for (Path writer : writers) {
      List<Passage> own =
          options.texts(writer, prompts, 1, this).stream().flatMap(List::stream).toList();
      if (!texts.isEmpty()) {
        requireSameQueries(writers.get(0), texts.get(0), writer, own);
      }
      texts.add(own);
    }
    return texts;
  }

  private static void requireSameQueries(
      Path first, List<Passage> one, Path second, List<Passage> other) {
    if (one.size() != other.size()) {
      throw new InvalidInputException(
          "%s has %d texts and %s has %d (expected: as many)"
              .formatted(first, one.size(), second, other.size()));
    }
    for (int i = 0; i < one.size(); i++) {
      String query = one.get(i).answer().query().strip();
      if (!query.equals(other.get(i).answer().query().strip())) {
        throw new InvalidInputException(
            "query %d of %s and of %s: they differ (expected: the same, in the same order)"
                .formatted(i + 1, first, second));
      }
    }
  }

  private static Map<String, Object> object(
      TextScorer judge, WinRate rate, MeanDifference difference) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("judge", judge.name());
    object.put("pairs", rate.prompts());
    object.put("aWins", rate.wins());
    object.put("ties", rate.ties());
    object.put("bWins", rate.losses());
    object.put("aWinRate", rate.rate());
    object.put("aMean", difference.tunedMean());
    object.put("bMean", difference.baseMean());
    object.put("difference", new Estimate(difference.mean(), difference.low(), difference.high()));
    object.put("effect", difference.effect());
    return object;
  }

  private void tell(TextScorer judge, WinRate rate, MeanDifference difference) {
    new Table.Facts()
        .add("judge", judge.name())
        .add("pairs", rate.prompts())
        .add("A wins, ties, B wins", rate.wins() + ", " + rate.ties() + ", " + rate.losses())
        .add("A's win rate %", Table.percent(rate.rate()))
        .add("mean score of A", Table.format("%.4f", difference.tunedMean()))
        .add("mean score of B", Table.format("%.4f", difference.baseMean()))
        .add(
            "difference",
            Table.interval(4, 1, difference.mean(), difference.low(), difference.high()))
        .add("Cohen's d", Table.format("%.2f", difference.effect()))
        .print(out());
  }

  private int byPeople(Path root) throws InterruptedException {
    if (overlap < 1 || overlap % 2 == 0) {
      throw InvalidInputException.of("--overlap", overlap, "an odd number");
    }
    List<Path> writers = new ArrayList<>(List.of(a, b));
    if (c != null) {
      writers.add(c);
    }
    if (d != null) {
      writers.add(d);
    }
    RunConfig config = RunConfig.defaults(overrides);
    HumanEvaluation evaluation = new HumanEvaluation(sets(texts(writers)), overlap, options.seed());
    Panel panel =
        new Panel(
            PanelDirectory.open(root, evaluation),
            evaluation,
            config.config(),
            Optional.ofNullable(key));
    OnInterrupt interrupt = OnInterrupt.call(panel::stop, GRACE_SECONDS);
    try {
      Panel.Outcome outcome = judged(panel, (long) evaluation.comparisons().size() * overlap);
      Tally tally = evaluation.count(outcome.labels(), outcome.complete());
      print(object(outcome, tally, writers), () -> tell(tally, writers));
      if (!outcome.complete()) {
        err().printf("Stopped: %s. The same command goes on.%n", outcome.reason());
      }
      out().flush();
      err().flush();
      return outcome.complete() ? 0 : 1;
    } finally {
      interrupt.over();
    }
  }

  private static List<ResponseSet> sets(List<List<Passage>> texts) {
    List<ResponseSet> sets = new ArrayList<>();
    for (int i = 0; i < texts.get(0).size(); i++) {
      int index = i;
      sets.add(
          new ResponseSet(
              texts.get(0).get(i).answer().query().strip(),
              texts.stream().map(own -> own.get(index).answer().response()).toList()));
    }
    return sets;
  }

  private Panel.Outcome judged(Panel panel, long wanted) throws InterruptedException {
    try (ProgressLine line = progressLine()) {
      return panel.run(this::announce, counting(line, "judging", wanted, "judgments"));
    }
  }

  private void announce(URI url) {
    err().printf("Label at      %s/%n", url);
    if (key != null) {
      err().printf("Vendor API    %s/v1 (the vendor '%s')%n", url, Panel.VENDOR);
    }
    err().flush();
  }

  private static Map<String, Object> object(
      Panel.Outcome outcome, Tally tally, List<Path> writers) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("complete", outcome.complete());
    object.put("judgments", outcome.labels().size());
    object.put("comparisons", tally.counted());
    object.put("ties", tally.ties());
    object.put("alike", tally.alike());
    object.put("open", tally.open());
    List<Map<String, Object>> shares = new ArrayList<>();
    for (int i = 0; i < writers.size(); i++) {
      Map<String, Object> own = new LinkedHashMap<>();
      own.put("writer", name(i));
      own.put("path", writers.get(i).toString());
      own.put("wins", tally.wins().get(i));
      own.put("winRate", tally.share(i));
      shares.add(own);
    }
    object.put("writers", shares);
    return object;
  }

  private void tell(Tally tally, List<Path> writers) {
    Table.of(IntStream.range(0, writers.size()).boxed().toList())
        .column("writer", i -> name(i) + "  " + writers.get(i))
        .column("wins", i -> Table.format("%.4g", tally.wins().get(i)).replaceAll("\\.?0+$", ""))
        .column("win rate % (95 % interval)", i -> Table.percent(tally.share(i)))
        .print(out());
    say(
        "%d comparisons: %d without a majority, %d alike; %d not judged",
        tally.counted(), tally.ties(), tally.alike(), tally.open());
  }

  private static String name(int writer) {
    return String.valueOf((char) ('A' + writer));
  }
}

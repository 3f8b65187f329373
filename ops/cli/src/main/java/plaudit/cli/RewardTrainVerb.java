package plaudit.cli;

import com.typesafe.config.Config;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import plaudit.data.Columns;
import plaudit.eval.report.RewardCard;
import plaudit.input.InvalidInputException;
import plaudit.labelfile.FileTraining;
import plaudit.labelfile.LabelFile;
import plaudit.labelfile.LabelFile.BadRows;
import plaudit.labelfile.LabelFile.Grouping;
import plaudit.labelfile.LabelRow;
import plaudit.labelfile.SequenceLimit;
import plaudit.labelfile.SequenceLimit.Fitted;
import plaudit.model.Compute;
import plaudit.model.ModelDirectory;
import plaudit.model.ReferenceModel;
import plaudit.model.RewardDirectory;
import plaudit.model.TensorSpec;
import plaudit.model.Tokenizer;
import plaudit.node.config.RunConfig;
import plaudit.node.config.TaskSettings;
import plaudit.node.run.Eta;
import plaudit.node.run.OnInterrupt;
import plaudit.node.run.ProgressLine;
import plaudit.policy.LearnerSettings;
import plaudit.reward.RewardLoss;
import plaudit.reward.RewardNet;
import plaudit.reward.RewardSettings;
import plaudit.reward.RewardTraining;
import plaudit.reward.Target;
import plaudit.training.TrainingObserver;

/** {@code reward train}: a reward model from label files. */
@Command(
    name = "train",
    description = "Train a reward model on label files and measure it on groups held out.",
    footer = {
      "",
      "  plaudit reward train --model ops/models/novelist --labels labels.jsonl --out reward \\",
      "    --group-by topic reward.loss=pairwise reward.learning-rate=5e-4 reward.epochs=2",
      "",
      "Label files: see docs/reward-model.md. The directory is written at the end, whole or not at",
      "all: the model, metrics.json and a model card. Interrupting ends the training early and",
      "writes what was learned so far, without measuring it."
    })
public final class RewardTrainVerb extends Verb {

  private static final Duration PACE = Duration.ofSeconds(60);
  private static final int GRACE_SECONDS = 60;

  private volatile boolean interrupted;

  @Option(
      names = "--skip-bad",
      description =
          "Leave out rows that cannot be used, count them, and say the first few and why.")
  private boolean skipBad;

  @Option(names = "--model", required = true, paramLabel = "DIR", description = "Where to begin.")
  private Path model;

  @Option(
      names = "--labels",
      required = true,
      paramLabel = "FILE",
      arity = "1..*",
      description = "Label files; all of their rows are taken together.")
  private List<Path> labels = List.of();

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "Where the reward model goes; a model that is there is replaced.")
  private Path out;

  @Option(
      names = "--group-by",
      paramLabel = "FIELD[/END]",
      description = {
        "Hold out whole groups by this field, up to the first END in it.",
        "Without it: by query."
      })
  private @Nullable String groupBy;

  @Option(
      names = "--held-out",
      paramLabel = "SHARE",
      defaultValue = "0.2",
      description = "Share of the rows to hold out, 0 for none (default: ${DEFAULT-VALUE}).")
  private double heldOut;

  @Option(
      names = "--fold",
      paramLabel = "I/K",
      description = "Hold out every K-th group from the I-th on, instead of a share.")
  private @Nullable String fold;

  @Option(
      names = "--num-train",
      paramLabel = "N",
      description = {
        "Train on the first N rows and hold out the others, as the release of 2019 does;",
        "a multiple of reward.batch. Not by group."
      })
  private @Nullable Integer numTrain;

  @Option(
      names = "--duplicates",
      paramLabel = "HOW",
      defaultValue = "keep",
      description =
          "Rows that say just what an earlier one said: keep, drop or refuse (default:"
              + " ${DEFAULT-VALUE}).")
  private LabelFile.Duplicates duplicates = LabelFile.Duplicates.KEEP;

  @Option(
      names = "--train-rows",
      paramLabel = "N",
      defaultValue = "0",
      description = "Draw so many of the other rows to train on, 0 for all.")
  private int trainRows;

  @Option(
      names = "--column",
      paramLabel = "NAME=COLUMN",
      description = {
        "Read a column of the labels under another name, such as prompt=question.",
        "May be given several times."
      })
  private List<String> columns = List.of();

  @Option(
      names = "--max-tokens",
      paramLabel = "N",
      description = "Tokens of query and response at most. Default: the model's context.")
  private @Nullable Integer maxTokens;

  @Option(
      names = "--separator",
      paramLabel = "TEXT",
      defaultValue = "",
      description = "Put between a query and a response that are texts; \\n is a line break.")
  private String separator;

  @Option(names = "--json", description = "Print metrics.json on standard output.")
  private boolean json;

  @Parameters(paramLabel = "KEY=VALUE", arity = "0..*", description = "Settings to override.")
  private List<String> overrides = List.of();

  @Override
  public Integer call() throws IOException {
    List<Path> files = new ArrayList<>(labels);
    List<String> settings = new ArrayList<>(overrides);
    // picocli gives all that follows --labels to it, settings too.
    files.removeIf(file -> !Files.exists(file) && file.toString().matches("[a-z][a-z.-]*=.*"));
    labels.stream().filter(f -> !files.contains(f)).map(Path::toString).forEach(settings::add);
    Config config = RunConfig.defaults(settings).config();
    RewardSettings reward = RewardSettings.from(config);
    LearnerSettings learner = LearnerSettings.from(config, "plaudit.learner.reward");
    checkOut();
    ReferenceModel reference = new ReferenceModel(ModelDirectory.open(model));
    FileTraining training =
        new FileTraining(
            reward,
            limit(reference),
            heldOut,
            trainRows,
            TaskSettings.from(config).temperature(),
            config.getLong("plaudit.run.seed"));
    LabelFile.Contents contents;
    try (Tokenizer tokenizer = reference.directory().openTokenizer()) {
      contents =
          LabelFile.read(
              files,
              tokenizer,
              reference.config().vocabulary(),
              groupBy == null ? Grouping.BY_QUERY : Grouping.parse(groupBy),
              separator(),
              duplicates,
              Columns.parse("--column", columns),
              skipBad ? BadRows.SKIP : BadRows.REFUSE);
    }
    if (!contents.skipped().isEmpty()) {
      err().printf("Left out      %d rows that cannot be used%n", contents.skipped().size());
      contents.skipped().stream().limit(5).forEach(it -> err().println("              " + it));
    }
    FileTraining.check(contents.rows(), reward.loss());
    long margins =
        contents.rows().stream()
            .filter(row -> row.target().filter(Target.Margin.class::isInstance).isPresent())
            .count();
    if (margins > 0 && reward.loss().ofChoices()) {
      err()
          .printf(
              "Margins       %d passed over: reward.loss=%s learns which is better, reward.loss=%s"
                  + " by how much%n",
              margins, reward.loss().configName(), RewardLoss.COMPARE.configName());
    }
    FileTraining.Sides sides = split(training, contents.rows());
    Fitted learned = training.limit().fit(sides.training());
    Fitted measured = training.limit().fit(sides.heldOut());
    RewardCard card =
        new RewardCard(
            model, files, groupBy, separator(), training, contents, sides, learned, measured);
    card.introduction().forEach(err()::println);
    Compute compute = learner.compute();
    OnInterrupt interrupt = OnInterrupt.call(() -> interrupted = true, GRACE_SECONDS);
    try (RewardNet net = training.start(reference, compute, learner.microBatch())) {
      long start = System.nanoTime();
      RewardTraining.Outcome outcome = train(training, net, reference, sides, learned, compute);
      double seconds = (System.nanoTime() - start) / 1e9;
      RewardCard.Measured result =
          (outcome.complete() ? card : card.unmeasured()).measure(net, outcome, seconds);
      save(net, reference, result.files());
      result.lines().forEach(err()::println);
      err().println("Reward model  " + out);
      if (json) {
        printJson(result.metrics());
      }
    } finally {
      interrupt.over();
    }
    return 0;
  }

  private RewardTraining.Outcome train(
      FileTraining training,
      RewardNet net,
      ReferenceModel reference,
      FileTraining.Sides sides,
      Fitted learned,
      Compute compute) {
    InstantSource clock = InstantSource.system();
    Eta eta = new Eta(PACE);
    double[] smooth = {Double.NaN};
    try (ProgressLine line = ProgressLine.suited(err(), clock)) {
      return training.train(
          net,
          reference,
          sides,
          learned,
          compute,
          TrainingObserver.ofSteps(
              step -> {
                smooth[0] =
                    Double.isNaN(smooth[0]) ? step.loss() : .95 * smooth[0] + .05 * step.loss();
                eta.mark(clock.instant(), (double) step.done());
                line.show(
                    String.format(
                        Locale.ROOT,
                        "training  %,d/%,d rows  loss %.4f  %.1f rows/s%s",
                        step.done(),
                        step.total(),
                        smooth[0],
                        eta.perSecond().orElse(0),
                        eta.until((double) step.total())
                            .map(left -> "  ETA " + clock(left))
                            .orElse("")));
                return !interrupted;
              }));
    }
  }

  private FileTraining.Sides split(FileTraining training, List<LabelRow> rows) {
    if (fold != null && numTrain != null) {
      throw new InvalidInputException("--fold and --num-train: expected at most one of them");
    }
    if (numTrain != null) {
      return training.first(rows, numTrain);
    }
    if (fold == null) {
      return training.split(rows);
    }
    String[] parts = fold.split("/", -1);
    if (parts.length != 2 || !(parts[0] + parts[1]).matches("\\d{2,8}")) {
      throw InvalidInputException.of("--fold", fold, "I/K, such as 2/5");
    }
    return training.fold(rows, Integer.parseInt(parts[0]), Integer.parseInt(parts[1]));
  }

  private static String clock(Duration left) {
    return "%dm%02ds".formatted(left.toMinutes(), left.toSecondsPart());
  }

  private SequenceLimit limit(ReferenceModel reference) {
    int context = reference.config().context();
    int tokens = maxTokens == null ? context : maxTokens;
    if (tokens < 2 || tokens > context) {
      throw InvalidInputException.of(
          "--max-tokens", tokens, "2 to %d, the model's context".formatted(context));
    }
    return new SequenceLimit(tokens);
  }

  private String separator() {
    return separator.replace("\\n", "\n");
  }

  /** Only a model may be replaced, not a directory that holds anything else. */
  private void checkOut() throws IOException {
    if (Files.exists(out) && !Files.exists(out.resolve("config.json"))) {
      boolean empty = false;
      if (Files.isDirectory(out)) {
        try (var inside = Files.list(out)) {
          empty = inside.findAny().isEmpty();
        }
      }
      if (!empty) {
        throw InvalidInputException.of("--out", out, "no such directory, or a model to replace");
      }
    }
    Path parent = out.toAbsolutePath().getParent();
    if (parent != null) {
      Files.createDirectories(parent);
    }
  }

  private void save(RewardNet net, ReferenceModel reference, Map<String, String> texts) {
    List<TensorSpec> specs = net.weights().specs();
    RewardDirectory.write(
        out,
        reference.config(),
        spec -> net.weights().copy(specs.indexOf(spec)),
        reference.directory().path(),
        texts);
  }
}

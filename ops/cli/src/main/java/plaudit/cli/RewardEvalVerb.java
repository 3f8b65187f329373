package plaudit.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import plaudit.data.Columns;
import plaudit.eval.report.RewardCard;
import plaudit.input.InvalidInputException;
import plaudit.labelfile.FileTraining;
import plaudit.labelfile.LabelFile;
import plaudit.labelfile.LabelFile.Grouping;
import plaudit.labelfile.LabelRow;
import plaudit.labelfile.SequenceLimit;
import plaudit.labelfile.SequenceLimit.Fitted;
import plaudit.model.Compute;
import plaudit.model.RewardDirectory;
import plaudit.model.Tokenizer;
import plaudit.model.TorchNet;
import plaudit.reward.RewardLoss;
import plaudit.reward.RewardQuality;

/** {@code reward eval}: how a reward model does on label files. */
@Command(
    name = "eval",
    description = "Measure a reward model on label files.",
    footer = {
      "",
      "The loss is that of the written scale (mean 0 and deviation 1 on the reference's responses);",
      "accuracy does not depend on the scale. Measure on rows the model was not trained on: with",
      "--only held-out those that reward train held out, if the files are the same."
    })
public final class RewardEvalVerb extends ResultVerb {

  /** Which rows are measured. */
  enum Only {
    ALL,
    HELD_OUT
  }

  @Option(
      names = "--reward",
      required = true,
      paramLabel = "DIR",
      description = "A reward model, of reward train or of a run.")
  private Path reward;

  @Option(
      names = "--labels",
      required = true,
      paramLabel = "FILE",
      arity = "1..*",
      description = "Label files.")
  private List<Path> labels = List.of();

  @Option(
      names = "--loss",
      paramLabel = "LOSS",
      description = "best-of-n, pairwise, rating or compare. Default: what it was trained with.")
  private @Nullable String loss;

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
      description = "Tokens at most. Default: as in training, or the model's context.")
  private @Nullable Integer maxTokens;

  @Option(
      names = "--separator",
      paramLabel = "TEXT",
      description = "Between query and response. Default: as in training, or nothing.")
  private @Nullable String separator;

  @Option(
      names = "--only",
      paramLabel = "ROWS",
      defaultValue = "all",
      converter = OnlyConverter.class,
      description = "all or held-out (default: ${DEFAULT-VALUE}).")
  private Only only = Only.ALL;

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "2",
      description = "Threads of one operation (default: ${DEFAULT-VALUE}).")
  private int threads;

  @Override
  public Integer call() {
    RewardDirectory directory = RewardDirectory.open(reward);
    RewardCard.Memory memory = RewardCard.Memory.of(reward);
    RewardLoss measure =
        RewardLoss.named(loss == null ? memory.loss() : loss)
            .orElseThrow(
                () ->
                    InvalidInputException.of(
                        "--loss", String.valueOf(loss), "best-of-n, pairwise, rating or compare"));
    int context = directory.directory().config().context();
    int most = maxTokens == null ? Math.min(memory.maxTokens(), context) : maxTokens;
    if (most < 2 || most > context) {
      throw InvalidInputException.of("--max-tokens", most, "2 to " + context);
    }
    SequenceLimit limit = new SequenceLimit(most);
    List<LabelRow> rows;
    try (Tokenizer tokenizer = directory.directory().openTokenizer()) {
      LabelFile.Contents contents =
          LabelFile.read(
              labels,
              tokenizer,
              directory.directory().config().vocabulary(),
              only == Only.HELD_OUT && !memory.groupBy().isEmpty()
                  ? Grouping.parse(memory.groupBy())
                  : Grouping.BY_QUERY,
              separator == null ? memory.separator() : separator.replace("\\n", "\n"),
              LabelFile.Duplicates.KEEP,
              Columns.parse("--column", columns));
      rows = contents.rows();
    }
    if (only == Only.HELD_OUT) {
      rows = rows.stream().filter(row -> memory.heldOut().contains(row.group())).toList();
    }
    FileTraining.check(rows, measure);
    Fitted fitted = limit.fit(rows);
    if (fitted.examples().isEmpty()) {
      throw InvalidInputException.of("rows to measure", 0, "at least one with a preference");
    }
    try (TorchNet net = directory.net(Compute.cpu(threads))) {
      RewardQuality quality =
          FileTraining.measure(
              measure, fitted.examples(), sequences -> directory.score(net, sequences));
      Map<String, Object> numbers =
          new LinkedHashMap<>(RewardCard.numbers(quality, fitted.longest()));
      numbers.put("measured_with", measure.configName());
      numbers.put("queries_cut", fitted.queriesCut());
      numbers.put("responses_cut", fitted.responsesCut());
      print(numbers, () -> out().println(RewardCard.line(quality, fitted.longest())));
    }
    return 0;
  }

  /** {@code held-out} as it is written. */
  static final class OnlyConverter implements picocli.CommandLine.ITypeConverter<Only> {
    @Override
    public Only convert(String value) {
      return switch (value) {
        case "all" -> Only.ALL;
        case "held-out" -> Only.HELD_OUT;
        default -> throw InvalidInputException.of("--only", value, "all or held-out");
      };
    }
  }
}

package plaudit.cli;

import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import plaudit.data.Columns;
import plaudit.labelfile.LabelFile.BadRows;
import plaudit.model.ModelDirectory;
import plaudit.model.Tokenizer;
import plaudit.node.labels.LabelImport;
import plaudit.node.labels.RunLabels;

/** {@code labels import}: labels of a file into a run. */
@Command(
    name = "import",
    description = "Take labels of a file into a run's label store.",
    footer = {
      "",
      "They are judged by a labeler named \"import\"; the same rows again change nothing. For a new",
      "run set run.labels=FILE instead. With reward.labels.before-start and total equal to their",
      "number, no person is asked anything."
    })
public final class LabelsImportVerb extends Verb {

  /** Bad rows named, at most. */
  private static final int SHOWN = 20;

  @Option(names = "--labels", required = true, paramLabel = "FILE", description = "A label file.")
  private Path labels;

  @Option(
      names = "--column",
      paramLabel = "NAME=COLUMN",
      description = {
        "Read a column of the labels under another name, such as prompt=question.",
        "May be given several times."
      })
  private List<String> columns = List.of();

  @Option(names = "--run", required = true, paramLabel = "DIR", description = "A run's directory.")
  private Path run;

  @Option(
      names = "--skip-bad",
      description = {
        "Leave out rows that cannot be used, say which and why, and go on with the others.",
        "Without it the first one is refused, and nothing is stored."
      })
  private boolean skipBad;

  @Override
  public Integer call() {
    try (RunLabels store = RunLabels.open(run, InstantSource.system())) {
      ModelDirectory model =
          ModelDirectory.open(Path.of(store.config().getString("plaudit.run.model")));
      try (Tokenizer tokenizer = model.openTokenizer()) {
        LabelImport.Imported imported =
            new LabelImport(tokenizer, model.config().vocabulary(), model.config().context())
                .read(
                    labels,
                    Columns.parse("--column", columns),
                    store.store(),
                    skipBad ? BadRows.SKIP : BadRows.REFUSE);
        imported.skipped().stream().limit(SHOWN).forEach(it -> err().println("left out  " + it));
        say(
            "%s  %,d rows, %,d of them new; %,d name a best response",
            labels, imported.rows(), imported.fresh(), imported.preferences());
        if (!imported.skipped().isEmpty()) {
          say("%,d rows left out", imported.skipped().size());
        }
        if (imported.cut() > 0) {
          say("%,d queries lost their beginning, to fit into the model's context", imported.cut());
        }
      }
    }
    return 0;
  }
}

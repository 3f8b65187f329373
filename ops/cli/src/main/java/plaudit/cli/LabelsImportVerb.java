package plaudit.cli;

import java.nio.file.Path;
import java.time.InstantSource;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
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

  @Option(names = "--labels", required = true, paramLabel = "FILE", description = "A label file.")
  private Path labels;

  @Option(names = "--run", required = true, paramLabel = "DIR", description = "A run's directory.")
  private Path run;

  @Override
  public Integer call() {
    try (RunLabels store = RunLabels.open(run, InstantSource.system())) {
      ModelDirectory model =
          ModelDirectory.open(Path.of(store.config().getString("plaudit.run.model")));
      try (Tokenizer tokenizer = model.openTokenizer()) {
        LabelImport.Imported imported =
            new LabelImport(tokenizer, model.config().vocabulary(), model.config().context())
                .read(labels, store.store());
        say(
            "%s  %,d rows, %,d of them new; %,d name a best response",
            labels, imported.rows(), imported.fresh(), imported.preferences());
      }
    }
    return 0;
  }
}

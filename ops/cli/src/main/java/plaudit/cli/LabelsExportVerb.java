package plaudit.cli;

import java.nio.file.Path;
import java.time.InstantSource;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import plaudit.node.labels.LabelExport;
import plaudit.node.labels.LabelExport.Format;
import plaudit.node.labels.RunLabels;

/** {@code labels export}: what people said in a run, as a file. */
@Command(
    name = "export",
    description = "Write a run's labels to a file that reward train and labels import read.")
public final class LabelsExportVerb extends Verb {

  @Option(names = "--run", required = true, paramLabel = "DIR", description = "A run's directory.")
  private Path run;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "FILE",
      description = "Where the labels go; packed if it ends in .gz.")
  private Path out;

  @Option(
      names = "--format",
      defaultValue = "text",
      paramLabel = "FORMAT",
      description = {
        "text: lines of JSON with texts; release: token ids as the 2019 release has them, choices",
        "only; trl: prompt, chosen and rejected, a row for each response that was not chosen, as",
        "lines of JSON, or Parquet if FILE ends in .parquet (default: ${DEFAULT-VALUE})."
      })
  private Format format = Format.TEXT;

  @Override
  public Integer call() {
    try (RunLabels labels = RunLabels.open(run, InstantSource.system())) {
      LabelExport.Exported exported =
          LabelExport.write(() -> LabelExport.labels(labels.store()), format, out);
      say(
          "%s  %,d rows, %,d labels left out that the format cannot say",
          out, exported.rows(), exported.left());
    }
    return 0;
  }
}

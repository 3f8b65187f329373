package plaudit.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import plaudit.lab.study.SupervisedStudy;
import plaudit.node.config.RunConfig;

/** {@code study supervised}: the paper's rows of summaries. */
@Command(
    name = "supervised",
    description = {
      "The paper's rows of summaries (1.5, 5.3, 5.4): the base, a supervised model, and both"
          + " fine-tuned from preferences.",
      "Each is measured by ROUGE, by what it copies, and by the score that simulated people judge"
          + " by."
    },
    footer = {
      "",
      "  plaudit study supervised --data DIR --column prompt=source --column reference=target \\",
      "    --out study policy.updates=60 task.query-length=48",
      "",
      "The data has queries with references, a part of them held out (docs/tasks.md). Each model"
          + " that",
      "is done stays in OUT; a second call with the same settings makes only what is missing."
    })
public final class StudySupervisedVerb extends ResultVerb {

  @Option(
      names = "--data",
      required = true,
      paramLabel = "PATH",
      description = "Queries with references, a part of them held out.")
  private Path data;

  @Option(
      names = "--column",
      paramLabel = "NAME=COLUMN",
      description = "Read a column under another name, such as prompt=source or reference=target.")
  private List<String> columns = List.of();

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "Where models and results go, and where they are looked for.")
  private Path out;

  @Option(
      names = "--model",
      paramLabel = "DIR",
      description = "The base model (default: the shipped one).")
  private @Nullable Path model;

  @Option(
      names = "--config",
      paramLabel = "FILE|PRESET",
      defaultValue = "quickstart",
      description = "The task and how it is learned (default: ${DEFAULT-VALUE}).")
  private String config;

  @Parameters(paramLabel = "KEY=VALUE", arity = "0..*", description = "Settings to override.")
  private List<String> overrides = List.of();

  @Override
  public Integer call() throws InterruptedException {
    List<String> settings = new ArrayList<>();
    if (model == null) {
      settings.add(Shipped.find().lexicon());
    }
    settings.add(Shipped.setting("run.model", model == null ? Shipped.find().model() : model));
    settings.add(Shipped.setting("run.data", data));
    settings.addAll(JobVerb.columnSettings(columns));
    settings.addAll(overrides);
    Optional<List<SupervisedStudy.Row>> rows =
        new SupervisedStudy(RunConfig.load(config, settings), out, err()).run();
    if (rows.isEmpty()) {
      err().println("interrupted; the same command makes what is missing");
      return 1;
    }
    print(rows.get(), () -> out().print(SupervisedStudy.markdown(rows.get())));
    return 0;
  }
}

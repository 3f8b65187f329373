package plaudit.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import plaudit.eval.report.Table;
import plaudit.files.FileTree;
import plaudit.lab.bench.SilenceBench;
import plaudit.lab.bench.SilenceBench.Row;
import plaudit.node.run.ProgressLine;

/** {@code bench silence}: how long parties that take tasks and never answer hold up a run. */
@Command(
    name = "silence",
    description = {
      "Make a short quickstart, and the same again while parties take tasks over HTTP and never"
          + " answer: tabs that are closed, browsers that are killed, pages that no person sits at,"
          + " browsers with a wrong clock that take all they get, vendors that take 50 tasks each.",
      "Says how much longer it took. Exit code 1 if that is more than --within."
    },
    footer = {"", "  plaudit bench silence --parties 5 policy.updates=20"})
public final class BenchSilenceVerb extends ResultVerb {

  @Option(
      names = "--parties",
      defaultValue = "5",
      description = "Of each of the five kinds (${DEFAULT-VALUE}).")
  private int parties = 5;

  @Option(
      names = "--within",
      paramLabel = "SECONDS",
      defaultValue = "30",
      description = "How much longer it may take (${DEFAULT-VALUE}).")
  private double within = 30;

  @Option(
      names = "--directory",
      paramLabel = "DIR",
      defaultValue = "runs",
      description = "For both runs (${DEFAULT-VALUE}).")
  private Path directory = Path.of("runs");

  @Option(names = "--markdown", description = "Print the table as Markdown.")
  private boolean markdown;

  @Parameters(paramLabel = "KEY=VALUE", arity = "0..*", description = "Settings of both runs.")
  private List<String> overrides = List.of();

  @Override
  public Integer call() throws IOException, InterruptedException {
    SilenceBench bench = new SilenceBench(parties, overrides);
    Path files = Files.createTempDirectory(Files.createDirectories(directory), "silence-");
    List<Row> rows = new ArrayList<>();
    try (ProgressLine line = progressLine()) {
      line.say("the run without silent parties");
      rows.add(bench.run(false, files.resolve("alone")));
      line.say("the run with %d silent parties of each kind".formatted(parties));
      rows.add(bench.run(true, files.resolve("silence")));
    }
    double longer = rows.get(1).ended() - rows.get(0).ended();
    print(
        Map.of("runs", rows, "longer", longer),
        () -> {
          Table<Row> table =
              Table.<Row>of(rows)
                  .column("silent parties", Row::silent)
                  .column(
                      "tasks taken",
                      row -> row.taken().values().stream().mapToInt(Integer::intValue).sum())
                  .column("first reward model s", "%.1f", Row::trained)
                  .column("all labels s", "%.1f", Row::labeled)
                  .column("loops s", "%.1f", Row::ended);
          if (markdown) {
            out().print(table.markdown());
          } else {
            table.print(out());
          }
          say("Tasks taken by kind: %s. The run took %.1f s longer.", rows.get(1).taken(), longer);
        });
    FileTree.delete(files);
    return longer <= within ? 0 : 1;
  }
}

package plaudit.ops.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import plaudit.input.InvalidInputException;
import plaudit.ops.bench.AsyncBench;
import plaudit.ops.bench.AsyncBench.Cell;
import plaudit.ops.bench.AsyncCell;
import plaudit.ops.bench.AsyncPage;
import plaudit.ops.bench.AsyncTable;
import plaudit.ops.run.Eta;
import plaudit.ops.run.Progress;
import plaudit.ops.run.ProgressLine;

/** {@code bench async}: the synchronous loop against the asynchronous one, on the same machine. */
@Command(
    name = "async",
    description = {
      "The same run with different eta: time to a reward, utilisation, staleness, divergence, and"
          + " how often held-out texts are preferred to the base model's.",
      "Labels are collected and the reward model is trained once; all runs share them. Each run is"
          + " a process of its own. What is done is kept in --out and not done again."
    })
public final class BenchAsyncVerb extends Verb {

  /** A run of a minute must get somewhere: two passes at a rate that a longer one does not need. */
  private static final List<String> SHORT_RUN =
      List.of("policy.epochs=2", "policy.learning-rate=4e-4");

  @Option(names = "--model", paramLabel = "DIR", description = "The model; default: the shipped.")
  private @Nullable Path model;

  @Option(names = "--data", paramLabel = "PATH", description = "Prompts; default: the shipped.")
  private @Nullable Path data;

  @Option(
      names = "--eta",
      split = ",",
      paramLabel = "N",
      defaultValue = "0,1,2,4,8",
      description = "Versions the sampler may be ahead (default: ${DEFAULT-VALUE}).")
  private List<Integer> etas = List.of();

  @Option(names = "--seeds", defaultValue = "3", description = "Of each (${DEFAULT-VALUE}).")
  private int seeds = 3;

  @Option(names = "--updates", defaultValue = "60", description = "Of a run (${DEFAULT-VALUE}).")
  private int updates = 60;

  @Option(names = "--batch", defaultValue = "16", description = "Of an update (${DEFAULT-VALUE}).")
  private int batch = 16;

  @Option(
      names = "--labels",
      defaultValue = "800",
      description = "For the reward model (${DEFAULT-VALUE}).")
  private int labels = 800;

  @Option(
      names = "--target",
      paramLabel = "REWARD",
      description = "Default: what each synchronous run has at four fifths of its way.")
  private @Nullable Double target;

  @Option(names = "--out", paramLabel = "DIR", required = true, description = "Keeps the runs.")
  private Path out = Path.of(".");

  @Option(
      names = "--page",
      paramLabel = "FILE",
      description = "Put table and curves into this page, between its marks.")
  private @Nullable Path page;

  @Option(names = "--markdown", description = "Print the table as Markdown.")
  private boolean markdown;

  @Option(names = "--json", description = "Print the table as JSON.")
  private boolean json;

  @Parameters(paramLabel = "KEY=VALUE", arity = "0..*", description = "Settings of all runs.")
  private List<String> overrides = List.of();

  @Override
  public Integer call() throws IOException, InterruptedException {
    check();
    Files.createDirectories(out);
    List<AsyncCell> done = run(new AsyncBench(out, settings(), labels));
    AsyncTable table =
        AsyncTable.of(done, target == null ? OptionalDouble.empty() : OptionalDouble.of(target));
    Files.writeString(out.resolve("reward-time.svg"), AsyncPage.rewardOverTime(done));
    Files.writeString(out.resolve("reward-updates.svg"), AsyncPage.rewardOverUpdates(done));
    if (page != null) {
      fill(page, table, done);
    }
    if (json) {
      printJson(Map.of("target", table.target(), "rows", table.rows()));
    } else if (markdown) {
      out().print(AsyncPage.markdown(table));
    } else {
      Columns columns = new Columns(AsyncPage.heads().toArray(String[]::new));
      table.rows().forEach(row -> columns.row(AsyncPage.cells(row).toArray(String[]::new)));
      columns.print(out());
      out().println(Columns.format("reward to reach: %.3f", table.target()));
    }
    out().flush();
    return 0;
  }

  private void check() {
    if (etas.isEmpty() || etas.stream().anyMatch(eta -> eta < 0)) {
      throw InvalidInputException.of("--eta", etas, "numbers >= 0");
    }
    if (seeds < 1) {
      throw InvalidInputException.of("--seeds", seeds, ">= 1");
    }
    if (updates < AsyncCell.FEWEST_UPDATES) {
      throw InvalidInputException.of("--updates", updates, ">= " + AsyncCell.FEWEST_UPDATES);
    }
  }

  private List<AsyncCell> run(AsyncBench bench) throws IOException, InterruptedException {
    InstantSource clock = InstantSource.system();
    List<Cell> cells = AsyncBench.cells(etas, seeds);
    List<AsyncCell> done = new ArrayList<>();
    Eta eta = new Eta(Duration.ofHours(1));
    try (ProgressLine line = ProgressLine.suited(err(), clock)) {
      if (!bench.isPrepared()) {
        line.say("Collecting labels and training the reward model");
      }
      bench.prepare();
      for (Cell cell : cells) {
        eta.mark(clock.instant(), (double) done.size());
        line.say(
            Progress.counted(
                    "eta %d, seed %d".formatted(cell.eta(), cell.seed()),
                    done.size(),
                    cells.size(),
                    "runs",
                    eta.until((double) cells.size()))
                .line());
        done.add(bench.run(cell));
      }
    }
    return done;
  }

  private List<String> settings() {
    List<String> settings = new ArrayList<>();
    settings.add("policy.updates=" + updates);
    settings.add("policy.batch=" + batch);
    settings.addAll(SHORT_RUN);
    settings.addAll(overrides);
    return BenchModelOptions.settings(model, data, settings);
  }

  private void fill(Path file, AsyncTable table, List<AsyncCell> done) throws IOException {
    Path images = file.resolveSibling("images");
    Files.createDirectories(images);
    Files.writeString(images.resolve("async-time.svg"), AsyncPage.rewardOverTime(done));
    Files.writeString(images.resolve("async-updates.svg"), AsyncPage.rewardOverUpdates(done));
    String words =
        """

        %s
        The reward to reach: %s. %s

        ![Reward over time, one line for each eta](images/async-time.svg)

        ![Reward over updates, one line for each eta](images/async-updates.svg)

        """
            .formatted(
                AsyncPage.markdown(table),
                Columns.format("%.2f", table.target()),
                "%d updates of %d, %d seeds; means, and in brackets the least and the greatest."
                    .formatted(updates, batch, seeds));
    Files.writeString(file, AsyncPage.filled(Files.readString(file), words));
  }
}

package plaudit.cli;

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
import plaudit.eval.report.Table;
import plaudit.files.AtomicFile;
import plaudit.input.InvalidInputException;
import plaudit.lab.bench.AsyncBench;
import plaudit.lab.bench.AsyncBench.Cell;
import plaudit.lab.bench.AsyncCell;
import plaudit.lab.bench.AsyncPage;
import plaudit.lab.bench.AsyncTable;
import plaudit.lab.bench.AsyncTable.Row;
import plaudit.lab.bench.MarkedPage;
import plaudit.lab.bench.Variation;
import plaudit.node.run.Eta;
import plaudit.node.run.Progress;
import plaudit.node.run.ProgressLine;

/** {@code bench async}: the synchronous loop against the asynchronous one, on the same machine. */
@Command(
    name = "async",
    description = {
      "The same run with different eta: time to a reward, utilisation, staleness, KL, and"
          + " how often held-out texts are preferred to the base model's.",
      "With --vary another setting is varied within each eta: whether weights are swapped in flight,"
          + " say, or how data off policy is corrected for.",
      "Labels are collected and the reward model is trained once; all runs share them. Each run is"
          + " a process of its own. What is done is kept in --out and not done again."
    })
public final class BenchAsyncVerb extends ResultVerb {

  /** For runs of a minute: two passes, a rate and a controller that a longer run does not need. */
  private static final List<String> SHORT_RUN =
      List.of(
          "policy.epochs=2",
          "policy.learning-rate=4e-4",
          "policy.kl.beta=0.3",
          "policy.kl.horizon=500");

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

  @Option(
      names = "--vary",
      paramLabel = "KEY=V,V,...",
      description = "A setting to vary within each eta, with its values.")
  private @Nullable String vary;

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

  @Parameters(paramLabel = "KEY=VALUE", arity = "0..*", description = "Settings of all runs.")
  private List<String> overrides = List.of();

  @Override
  public Integer call() throws IOException, InterruptedException {
    check();
    Variation variation = vary == null ? Variation.NONE : Variation.of(vary);
    AsyncBench bench = new AsyncBench(out, settings(), labels, variation);
    List<Cell> cells = bench.cells(etas, seeds);
    bench.check(cells);
    Files.createDirectories(out);
    List<AsyncCell> done = run(bench, cells);
    AsyncTable table =
        AsyncTable.of(done, target == null ? OptionalDouble.empty() : OptionalDouble.of(target));
    AtomicFile.write(out.resolve("reward-time.svg"), AsyncPage.rewardOverTime(done));
    AtomicFile.write(out.resolve("reward-updates.svg"), AsyncPage.rewardOverUpdates(done));
    if (page != null) {
      fill(page, table, variation, done);
    }
    Table<Row> shown = AsyncPage.table(table, variation);
    print(
        Map.of("target", table.target(), "rows", table.rows()),
        () -> {
          if (markdown) {
            out().print(shown.markdown());
          } else {
            shown.print(out());
            say("reward to reach: %.3f", table.target());
          }
        });
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

  private List<AsyncCell> run(AsyncBench bench, List<Cell> cells)
      throws IOException, InterruptedException {
    InstantSource clock = InstantSource.system();
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
                    cell.toString(),
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

  /** Table and curves; pictures lie in {@code images} and are named after the page. */
  private void fill(Path file, AsyncTable table, Variation variation, List<AsyncCell> done)
      throws IOException {
    Path images = file.resolveSibling("images");
    String name = file.getFileName().toString().replaceFirst("\\.[^.]*$", "");
    AtomicFile.write(images.resolve(name + "-time.svg"), AsyncPage.rewardOverTime(done));
    AtomicFile.write(images.resolve(name + "-updates.svg"), AsyncPage.rewardOverUpdates(done));
    String words =
        """

        %s
        The reward to reach: %s. %d updates of %d, %d seeds; means, and in brackets the least and
        the greatest.

        ![Reward over time, a line for each row](images/%s-time.svg)

        ![Reward over updates, a line for each row](images/%s-updates.svg)

        """
            .formatted(
                AsyncPage.table(table, variation).markdown(),
                Table.format("%.2f", table.target()),
                updates,
                batch,
                seeds,
                name,
                name);
    AtomicFile.write(file, MarkedPage.filled(Files.readString(file), "bench async", words));
  }
}

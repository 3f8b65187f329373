package plaudit.cli;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import plaudit.eval.report.Table;
import plaudit.files.FileTree;
import plaudit.input.InvalidInputException;
import plaudit.lab.gateway.LoadBench;
import plaudit.lab.gateway.LoadBench.Row;
import plaudit.lab.gateway.LoadBench.Scenario;
import plaudit.lab.gateway.LoadBench.Target;
import plaudit.lab.gateway.WaitingBench;

/** {@code bench gateway}: how many judgments a gateway takes, and how fast. */
@Command(
    name = "gateway",
    description = {
      "Send judgments to a gateway at a given rate, whatever it answers, and tell percentiles of"
          + " the time from each request's moment to its answer (corrected for coordinated"
          + " omission).",
      "A gateway with an SQLite file is started for it; --url takes one that runs on this machine,"
          + " with open tasks enough."
    })
public final class BenchGatewayVerb extends ResultVerb {

  @Option(
      names = "--scenario",
      defaultValue = "single",
      description =
          "single, batch, overload: single judgments while ten times as many leases are asked for;"
              + " or waiting: as many pages as --connections wait --seconds for a task, and no"
              + " judgment is sent (${DEFAULT-VALUE}).")
  private Kind scenario = Kind.SINGLE;

  /** What can be asked for. */
  enum Kind {
    SINGLE,
    BATCH,
    OVERLOAD,
    WAITING
  }

  @Option(names = "--rate", defaultValue = "500", description = "Judgments/s (${DEFAULT-VALUE}).")
  private double rate = 500;

  @Option(names = "--seconds", defaultValue = "10", description = "To load (${DEFAULT-VALUE}).")
  private int seconds = 10;

  @Option(
      names = "--warm-up",
      paramLabel = "SECONDS",
      defaultValue = "30",
      description =
          "On the same connections at the same rate before, not counted: the JVM compiles"
              + " (${DEFAULT-VALUE}).")
  private int warmUp = 30;

  @Option(names = "--batch", defaultValue = "100", description = "Of a batch (${DEFAULT-VALUE}).")
  private int batch = 100;

  @Option(names = "--connections", defaultValue = "64", description = "Used (${DEFAULT-VALUE}).")
  private int connections = 64;

  @Option(names = "--url", description = "A running gateway on this machine; with --key.")
  private @Nullable URI url;

  @Option(names = "--key", description = "Of a vendor at --url.")
  private @Nullable String key;

  @Option(
      names = "--p99",
      paramLabel = "MS",
      description = "Fail if the judgments' p99 is longer, or if one is refused.")
  private @Nullable Double p99;

  @Option(
      names = "--directory",
      paramLabel = "DIR",
      defaultValue = "runs",
      description = "For the store, on the disk to measure (${DEFAULT-VALUE}).")
  private Path directory = Path.of("runs");

  @Override
  public Integer call() throws IOException, InterruptedException {
    if ((url == null) != (key == null)) {
      throw InvalidInputException.of("--url, --key", url + ", " + key, "both or neither");
    }
    Target target = url == null || key == null ? null : new Target(url, key);
    Path files = Files.createTempDirectory(Files.createDirectories(directory), "load-");
    try {
      return scenario == Kind.WAITING ? waiting(files) : load(target, files);
    } finally {
      FileTree.delete(files);
    }
  }

  private int waiting(Path files) throws IOException, InterruptedException {
    WaitingBench.Result result = new WaitingBench(connections, seconds, files).run();
    print(
        Map.of("scenario", scenario, "result", result),
        () ->
            out()
                .printf(
                    "%d asked within %.1f s, %d waited at once; how it ended: %s%n"
                        + "gateway: %d threads, %d MiB before; %d threads, %d MiB, %.2f cores while"
                        + " they waited; another request %.0f ms at most%n",
                    result.pages(),
                    result.openSeconds(),
                    result.waiting(),
                    result.answers(),
                    result.threadsBefore(),
                    result.residentBefore(),
                    result.threads(),
                    result.resident(),
                    result.cpuShare(),
                    result.healthMillis()));
    return 0;
  }

  private int load(@Nullable Target target, Path files) throws IOException, InterruptedException {
    Scenario what = Scenario.valueOf(scenario.name());
    List<Row> rows =
        new LoadBench(
                new LoadBench.Plan(what, rate, seconds, warmUp, batch, connections, target, files))
            .run();
    print(Map.of("scenario", scenario, "rows", rows), () -> table(rows));
    Row judgments = rows.get(0);
    boolean good = p99 == null || (judgments.p99() <= p99 && judgments.refused().isEmpty());
    return good ? 0 : 1;
  }

  private void table(List<Row> rows) {
    Table.<Row>of(rows)
        .column("sent", Row::what)
        .column("wanted/s", "%.0f", Row::wanted)
        .column("done/s", "%.0f", Row::done)
        .column("p50 ms", "%.1f", Row::p50)
        .column("p90 ms", "%.1f", Row::p90)
        .column("p99 ms", "%.1f", Row::p99)
        .column("max ms", "%.1f", Row::max)
        .column(
            "CPU ms each", row -> row.cpuMillis() == null ? "" : "%.2f".formatted(row.cpuMillis()))
        .column(
            "refused",
            row ->
                row.refused().entrySet().stream()
                    .map(entry -> entry.getKey() + ": " + entry.getValue())
                    .collect(Collectors.joining(", ")))
        .print(out());
  }
}

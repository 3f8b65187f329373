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
          "single, batch, or overload: single judgments while ten times as many leases are asked"
              + " for (${DEFAULT-VALUE}).")
  private Scenario scenario = Scenario.SINGLE;

  @Option(names = "--rate", defaultValue = "500", description = "Judgments/s (${DEFAULT-VALUE}).")
  private double rate = 500;

  @Option(names = "--seconds", defaultValue = "10", description = "To load (${DEFAULT-VALUE}).")
  private int seconds = 10;

  @Option(
      names = "--warm-up",
      paramLabel = "SECONDS",
      defaultValue = "5",
      description = "At the same rate before, not counted (${DEFAULT-VALUE}).")
  private int warmUp = 5;

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
    List<Row> rows;
    try {
      rows =
          new LoadBench(
                  new LoadBench.Plan(
                      scenario, rate, seconds, warmUp, batch, connections, target, files))
              .run();
    } finally {
      FileTree.delete(files);
    }
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
            "refused",
            row ->
                row.refused().entrySet().stream()
                    .map(entry -> entry.getKey() + ": " + entry.getValue())
                    .collect(Collectors.joining(", ")))
        .print(out());
  }
}

package plaudit.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import plaudit.eval.report.Table;
import plaudit.input.InvalidInputException;
import plaudit.lab.bench.FleetBench;
import plaudit.lab.bench.FleetBench.Outcome;
import plaudit.lab.bench.Scaling;
import plaudit.lab.plan.Rates;
import plaudit.node.run.ProgressLine;

/** {@code bench fleet}: where a cluster of many nodes meets its first limit. */
@Command(
    name = "fleet",
    description = {
      "A real cluster of many nodes in this process: each sampler node is an actor system with a"
          + " TCP port, a sampler and a scorer that only wait, and fetches small weights over"
          + " HTTP.",
      "Prints for each size how far it is from the planner's formula, and what is used up."
    })
public final class BenchFleetVerb extends ResultVerb {

  private static final int MOST = 1_000;

  @Option(
      names = "--samplers",
      split = ",",
      paramLabel = "N",
      defaultValue = "16,64,256",
      description = "Sampler nodes (default: ${DEFAULT-VALUE}).")
  private List<Integer> samplers = List.of();

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "15",
      description = "To measure each, and at least 3 updates (default: ${DEFAULT-VALUE}).")
  private double seconds = 15;

  @Option(
      names = "--generation",
      defaultValue = "4",
      description = "Seconds to write a grant of 16 (${DEFAULT-VALUE}).")
  private double generation = 4;

  @Option(
      names = "--batch",
      defaultValue = "128",
      description = "Trajectories of an update (${DEFAULT-VALUE}).")
  private int batch = 128;

  @Option(
      names = "--kib",
      defaultValue = "256",
      description = "Of a version's weights (${DEFAULT-VALUE}).")
  private int kib = 256;

  @Option(names = "--share", description = "Nodes serve versions to each other (node.share).")
  private boolean share;

  @Option(names = "--seed", defaultValue = "1", description = "Of the delays.")
  private long seed;

  @Override
  public Integer call() throws InterruptedException, ExecutionException, IOException {
    if (!(seconds > 0)) {
      throw InvalidInputException.of("--seconds", seconds, "> 0");
    }
    if (kib < 1) {
      throw InvalidInputException.of("--kib", kib, ">= 1");
    }
    for (int nodes : samplers) {
      if (nodes < 1 || nodes > MOST) {
        throw InvalidInputException.of("--samplers", nodes, "1 to " + MOST);
      }
    }
    Rates rates = new Rates(generation, .1, .02, .15, 0, 0, .01, 0, 0);
    List<Outcome> outcomes = new ArrayList<>();
    try (ProgressLine line = progressLine()) {
      for (int nodes : samplers) {
        line.show("measuring %d sampler nodes".formatted(nodes));
        outcomes.add(
            FleetBench.run(
                Scaling.fleet(nodes, batch, 16, 4), rates, seconds, kib << 10, share, seed));
      }
    }
    print(outcomes, () -> table(outcomes));
    return 0;
  }

  private void table(List<Outcome> outcomes) {
    Table.of(outcomes)
        .column("samplers", Outcome::samplers)
        .column("up after, s", "%.1f", Outcome::joined)
        .column("ideal, rollouts/s", "%.0f", Outcome::ideal)
        .column("measured", "%.0f", it -> it.control().throughput())
        .column("share", "%.0f %%", it -> 100 * it.share())
        .column("staleness", "%.2f", it -> it.control().staleness())
        .column("buffer busy", "%.1f %%", it -> 100 * it.control().bufferBusy())
        .column("weights applied after, s", "%.2f", Outcome::appliedMedian)
        .column("slowest of 100", "%.2f", Outcome::appliedLast)
        .column("copies sent by learner a version", "%.1f", Outcome::versions)
        .column("processors, this process", "%.0f %%", it -> 100 * it.cpu())
        .column("all", "%.0f %%", it -> 100 * it.machine())
        .column("threads", Outcome::threads)
        .column("heap, MiB", Outcome::heapMib)
        .print(out());
    say(
        "First limit   %s",
        outcomes.stream()
            .filter(it -> !it.limit().isEmpty())
            .findFirst()
            .map(it -> "%s, at %d samplers".formatted(it.limit(), it.samplers()))
            .orElse("none up to %d samplers".formatted(samplers.get(samplers.size() - 1))));
  }
}

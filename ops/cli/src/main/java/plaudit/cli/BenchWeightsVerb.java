package plaudit.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import plaudit.input.InvalidInputException;
import plaudit.lab.bench.WeightsBench;
import plaudit.lab.bench.WeightsBench.Trip;

/** {@code bench weights}: from a learner's disk over HTTP to another's. */
@Command(
    name = "weights",
    description = {
      "Write a version's weights with their hash, and fetch them over HTTP on loopback, hash"
          + " checked; medians.",
      "A run measures the whole way from publication to sampling as async/publish_to_applied."
    })
public final class BenchWeightsVerb extends ResultVerb {

  private static final int MOST_MIB = 1024;

  @Option(names = "--mib", defaultValue = "64", description = "Of a version (${DEFAULT-VALUE}).")
  private int mib = 64;

  @Option(names = "--versions", defaultValue = "7", description = "To send (${DEFAULT-VALUE}).")
  private int versions = 7;

  @Option(
      names = "--changed",
      paramLabel = "SHARE",
      defaultValue = "1",
      description = "Of a version's bytes, those that differ from the version before (1).")
  private double changed = 1;

  @Option(names = "--delta", description = "Fetch what changed only, as with node.delta=on.")
  private boolean delta;

  @Option(
      names = "--directory",
      paramLabel = "DIR",
      defaultValue = ".",
      description = "On the disk to measure (${DEFAULT-VALUE}).")
  private Path directory = Path.of(".");

  @Override
  public Integer call() throws IOException {
    if (mib < 1 || mib > MOST_MIB) {
      throw InvalidInputException.of("--mib", mib, "1 to " + MOST_MIB);
    }
    if (versions < 1) {
      throw InvalidInputException.of("--versions", versions, ">= 1");
    }
    if (!(changed >= 0 && changed <= 1)) {
      throw InvalidInputException.of("--changed", changed, "0 to 1");
    }
    List<Trip> trips = WeightsBench.run(directory, mib << 20, versions, changed, delta);
    double write = median(trips, Trip::write);
    double fetch = median(trips, Trip::fetch);
    double received = median(trips, Trip::received) / (1 << 20);
    print(
        Map.of("mib", mib, "writeSeconds", write, "fetchSeconds", fetch, "receivedMib", received),
        () ->
            say(
                "write  %6.1f ms  %5.0f MiB/s%nfetch  %6.1f ms  %5.0f MiB/s  %.1f MiB"
                    + " travelled",
                1e3 * write, mib / write, 1e3 * fetch, mib / fetch, received));
    return 0;
  }

  private static double median(List<Trip> trips, ToDoubleFunction<Trip> time) {
    double[] sorted = trips.stream().mapToDouble(time).sorted().toArray();
    return sorted[sorted.length / 2];
  }
}

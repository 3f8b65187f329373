package plaudit.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import plaudit.files.FileTree;
import plaudit.lab.gateway.FuzzBench;
import plaudit.node.run.ProgressLine;

/** {@code bench fuzz}: whether nonsense is refused, and leaves nothing behind. */
@Command(
    name = "fuzz",
    description = {
      "Send requests drawn from the served OpenAPI document, most of them spoilt, to a gateway that"
          + " is started for it. No answer may be a 5xx, and no refused call may leave a row.",
      "Exit code 1 at a fault, with the call."
    })
public final class BenchFuzzVerb extends ResultVerb {

  @Option(names = "--calls", defaultValue = "100000", description = "To send (${DEFAULT-VALUE}).")
  private int calls = 100_000;

  @Option(names = "--seed", defaultValue = "1", description = "Of the draw (${DEFAULT-VALUE}).")
  private long seed = 1;

  @Option(
      names = "--directory",
      paramLabel = "DIR",
      defaultValue = "runs",
      description = "For the store and logs (${DEFAULT-VALUE}).")
  private Path directory = Path.of("runs");

  @Override
  public Integer call() throws IOException, InterruptedException {
    Path files = Files.createTempDirectory(Files.createDirectories(directory), "fuzz-");
    FuzzBench.Result result;
    try (ProgressLine line = progressLine()) {
      result = new FuzzBench(calls, seed, files).run(counting(line, "sending", calls, "calls"));
    }
    boolean holds = result.faults().isEmpty();
    print(
        result,
        () -> {
          result.faults().forEach(fault -> say("%s%n", fault));
          say(
              "%d calls, answered %s; %d judgments stored; %s",
              result.calls(),
              result.statuses(),
              result.judgments(),
              holds
                  ? "no 5xx but for a run that was stopped, no row of a refused call"
                  : result.faults().size() + " faults, see " + files);
        });
    if (holds) {
      FileTree.delete(files);
    }
    return holds ? 0 : 1;
  }
}

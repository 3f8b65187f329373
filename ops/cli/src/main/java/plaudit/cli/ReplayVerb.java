package plaudit.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import plaudit.files.FileTree;
import plaudit.lab.replay.Replay;
import plaudit.node.config.Precisions;
import plaudit.node.config.RunConfig;
import plaudit.node.run.RunDirectory;

/** {@code replay}: makes a run again from its journal and compares to the bit. */
@Command(
    name = "replay",
    description = "Make a run again from its journal, and compare to the bit.",
    footer = {
      "",
      "  plaudit replay runs/tldr-20260101-120000 --until 20",
      "",
      "The run must have been made with experience.journal.keep=all. See docs/replay.md."
    })
public final class ReplayVerb extends ResultVerb {

  @Parameters(index = "0", paramLabel = "RUN", description = "The run's directory.")
  private Path run = Path.of("");

  @Parameters(
      index = "1..*",
      paramLabel = "KEY=VALUE",
      arity = "0..*",
      description = "Settings that the run was resumed with, or where model and data are now.")
  private List<String> overrides = List.of();

  @Option(names = "--until", paramLabel = "VERSION", description = "Stop at this policy version.")
  private @Nullable Long until;

  @Override
  public Integer call() throws IOException {
    RunConfig config = RunDirectory.settings(run, overrides);
    Precisions.requireHere(config);
    OptionalLong last = until == null ? OptionalLong.empty() : OptionalLong.of(until);
    Path scratch = Files.createTempDirectory("plaudit-replay");
    Replay.Outcome outcome;
    try {
      outcome = Replay.of(run, config.config(), last, scratch, this::tell);
    } finally {
      FileTree.delete(scratch);
    }
    print(
        Replay.summary(outcome),
        () ->
            out()
                .println(
                    outcome
                        .difference()
                        .map(difference -> "First difference: " + difference.line())
                        .orElseGet(
                            () ->
                                "Replayed %d policy versions and %d reward versions: all bit-equal"
                                    .formatted(outcome.policies(), outcome.rewards()))));
    return outcome.difference().isEmpty() ? 0 : 1;
  }

  private void tell(String line) {
    err().println(line);
    err().flush();
  }
}

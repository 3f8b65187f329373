package plaudit.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code bench}: what this machine and this build can do, one subcommand each. */
@Command(
    name = "bench",
    description = "Measure what this machine and this build can do.",
    synopsisSubcommandLabel = "WHAT",
    commandListHeading = "%nWhat:%n",
    subcommands = {
      BenchAsyncVerb.class,
      BenchControlPlaneVerb.class,
      BenchPlanVerb.class,
      BenchWeightsVerb.class,
      BenchGenerateVerb.class,
      BenchLearnVerb.class
    },
    footer = {"", "Each explains itself: plaudit bench WHAT --help"})
public final class BenchVerb implements Runnable {

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(),
        "bench: nothing named (expected: " + String.join(", ", spec.subcommands().keySet()) + ")");
  }
}

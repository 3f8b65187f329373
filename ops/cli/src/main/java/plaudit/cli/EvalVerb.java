package plaudit.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code eval}: the paper's measures, one subcommand each. */
@Command(
    name = "eval",
    description = "Measure texts, labels and models as the paper does.",
    synopsisSubcommandLabel = "MEASURE",
    commandListHeading = "%nMeasures:%n",
    subcommands = {
      EvalWinRateVerb.class,
      EvalRougeVerb.class,
      EvalCopyingVerb.class,
      EvalAgreementVerb.class,
      EvalFrontierVerb.class
    },
    footer = {"", "Each measure explains itself: plaudit eval MEASURE --help"})
public final class EvalVerb implements Runnable {

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(),
        "eval: no measure (expected: " + String.join(", ", spec.subcommands().keySet()) + ")");
  }
}

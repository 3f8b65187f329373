package plaudit.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code study}: many small runs under a mock human, compared. */
@Command(
    name = "study",
    description = "Make many small runs under a mock human and compare them.",
    synopsisSubcommandLabel = "STUDY",
    commandListHeading = "%nStudies:%n",
    subcommands = {StudyMockVerb.class, StudyAlgorithmsVerb.class},
    footer = {"", "Each study explains itself: plaudit study STUDY --help"})
public final class StudyVerb implements Runnable {

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(),
        "study: no study (expected: " + String.join(", ", spec.subcommands().keySet()) + ")");
  }
}

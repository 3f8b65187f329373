package plaudit.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** A verb that only holds others together: without one of them it names them. */
abstract class VerbGroup implements Runnable {

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(),
        "%s: %s not given (expected: %s)"
            .formatted(
                spec.name(),
                spec.usageMessage().synopsisSubcommandLabel(),
                String.join(", ", spec.subcommands().keySet())));
  }

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
        EvalFrontierVerb.class,
        EvalWordsVerb.class
      },
      footer = {"", "Each measure explains itself: plaudit eval MEASURE --help"})
  static final class Eval extends VerbGroup {}

  /** {@code study}: many small runs under a mock human, compared. */
  @Command(
      name = "study",
      description = "Make many small runs under a mock human and compare them.",
      synopsisSubcommandLabel = "STUDY",
      commandListHeading = "%nStudies:%n",
      subcommands = {StudyMockVerb.class, StudyAlgorithmsVerb.class, StudySupervisedVerb.class},
      footer = {"", "Each study explains itself: plaudit study STUDY --help"})
  static final class Study extends VerbGroup {}

  /** {@code bench}: what this machine and this build can do, one subcommand each. */
  @Command(
      name = "bench",
      description = "Measure what this machine and this build can do.",
      synopsisSubcommandLabel = "WHAT",
      commandListHeading = "%nWhat:%n",
      subcommands = {
        BenchAsyncVerb.class,
        BenchControlPlaneVerb.class,
        BenchFleetVerb.class,
        BenchCrashVerb.class,
        BenchFuzzVerb.class,
        BenchGatewayVerb.class,
        BenchPlanVerb.class,
        BenchPrecisionVerb.class,
        BenchSizesVerb.class,
        BenchSilenceVerb.class,
        BenchWeightsVerb.class,
        BenchGenerateVerb.class,
        BenchLearnVerb.class
      },
      footer = {"", "Each explains itself: plaudit bench WHAT --help"})
  static final class Bench extends VerbGroup {}

  /** {@code labels}: a run's labels to a file and back; the store itself looked at and copied. */
  @Command(
      name = "labels",
      description = {
        "Write a run's labels to a file, or take labels of a file into a run;",
        "look whether a label store is sound, or copy it; invite labelers."
      },
      synopsisSubcommandLabel = "VERB",
      subcommands = {
        LabelsExportVerb.class,
        LabelsImportVerb.class,
        LabelsVerifyVerb.class,
        LabelsBackupVerb.class,
        LabelsInviteVerb.class
      })
  static final class Labels extends VerbGroup {}

  /** {@code reward}: reward models from label files, without a run. */
  @Command(
      name = "reward",
      description = "Train a reward model on label files, or measure one.",
      synopsisSubcommandLabel = "VERB",
      subcommands = {RewardTrainVerb.class, RewardEvalVerb.class})
  static final class Reward extends VerbGroup {}
}

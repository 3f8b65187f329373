package plaudit.cli;

import picocli.CommandLine.Command;

/** {@code reward}: reward models from label files, without a run. */
@Command(
    name = "reward",
    description = "Train a reward model on label files, or measure one.",
    subcommands = {RewardTrainVerb.class, RewardEvalVerb.class})
public final class RewardVerb {}

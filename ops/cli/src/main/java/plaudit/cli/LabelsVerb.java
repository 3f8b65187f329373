package plaudit.cli;

import picocli.CommandLine.Command;

/** {@code labels}: a run's labels to a file and back. */
@Command(
    name = "labels",
    description = "Write a run's labels to a file, or take labels of a file into a run.",
    subcommands = {LabelsExportVerb.class, LabelsImportVerb.class})
public final class LabelsVerb {}

package plaudit.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import plaudit.gateway.store.StoreCare;
import plaudit.gateway.store.StoreLaws.Finding;

/** {@code labels backup}: a copy of a label store's file. */
@Command(
    name = "backup",
    description = "Copy a label store's file, also while it is in use.",
    footer = {
      "",
      "The copy is as of one moment, verified, and takes its name when it is whole and on the disk;"
          + " a",
      "file of that name is replaced then. PostgreSQL is copied with pg_dump. Exit codes: 0 copied;"
          + " 1",
      "not copied, or copied from a store of which labels verify finds something; 2 no such store.",
      "",
      "  plaudit labels backup /backup/labels.sqlite --run runs/quickstart-20260101-120000"
    })
public final class LabelsBackupVerb extends Verb {

  @Parameters(paramLabel = "FILE", description = "Where the copy goes.")
  private Path file;

  @Mixin private StoreOptions store;

  @Override
  public Integer call() throws IOException {
    List<Finding> found = StoreCare.backup(store.settings(), file);
    found.forEach(finding -> say("%s", finding));
    say(
        "%s  %,d bytes, %s",
        file, Files.size(file), found.isEmpty() ? "sound" : "as unsound as the store");
    return found.isEmpty() ? 0 : 1;
  }
}

package plaudit.cli;

import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import plaudit.gateway.store.StoreCare;
import plaudit.gateway.store.StoreLaws.Finding;

/** {@code labels verify}: whether a label store is sound. */
@Command(
    name = "verify",
    description = "Whether a label store is sound: its pages, its numbers, its counts.",
    footer = {
      "",
      "Exit codes: 0 it is; 1 it is not, a line for each law that does not hold; 2 there is no"
          + " such",
      "store. Reads only; the store may be in use. What follows from the judgments is mended when"
          + " a",
      "gateway next opens the file.",
      "",
      "  plaudit labels verify --run runs/quickstart-20260101-120000"
    })
public final class LabelsVerifyVerb extends Verb {

  @Mixin private StoreOptions store;

  @Override
  public Integer call() {
    List<Finding> found = StoreCare.verify(store.settings());
    found.forEach(finding -> say("%s", finding));
    say("%s", found.isEmpty() ? "sound" : "not sound: " + found.size());
    return found.isEmpty() ? 0 : 1;
  }
}

package plaudit.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import plaudit.experience.journal.JournalException;
import plaudit.experience.journal.JournalReader;
import plaudit.experience.journal.JournalReader.Learned;
import plaudit.input.InvalidInputException;
import plaudit.lab.replay.Audit;

/** {@code journal}: whether a run, running or not, learned from each prompt once. */
@Command(
    name = "journal",
    description = "What a run's journal says: was each prompt learned from once, resumes included.",
    footer = {
      "",
      "Exit codes: 0 it was; 1 it was not, or a version was made twice as different weights; 2 there",
      "is no journal, or it cannot be read. Reads only; the run may be running."
    })
public final class JournalVerb extends Verb {

  private static final int SHOWN = 12;

  @Parameters(paramLabel = "RUN", description = "The run's directory.")
  private Path run = Path.of("");

  @Option(
      names = "--versions",
      description = "List each policy version: what it was learned from, and its SHA-256.")
  private boolean versions;

  @Option(names = "--json", description = "Print the findings as JSON.")
  private boolean json;

  @Override
  public Integer call() {
    JournalReader journal = read();
    Audit audit = Audit.of(journal);
    if (json) {
      printJson(audit);
    } else {
      if (versions) {
        table(journal.learned());
      }
      facts(audit);
    }
    return audit.faults().isEmpty() ? 0 : 1;
  }

  /** What cannot be read says nothing of the run: that is another exit code than a fault in it. */
  private JournalReader read() {
    if (!Files.isDirectory(run.resolve(JournalReader.DIRECTORY))) {
      throw InvalidInputException.of("run directory", run, "one with a journal");
    }
    JournalReader journal;
    try {
      journal = JournalReader.of(run);
    } catch (JournalException.Damaged e) {
      throw new InvalidInputException(String.valueOf(e.getMessage()), e);
    }
    if (journal.segments() == 0) {
      throw InvalidInputException.of("run directory", run, "one with a journal that has begun");
    }
    return journal;
  }

  private void facts(Audit audit) {
    Columns.ofFacts()
        .row("versions", "%d policy, %d reward".formatted(audit.versions(), audit.rewards()))
        .row("reaches", audit.whole() ? "to the run's beginning" : "not to the run's beginning")
        .row(
            "resumed", "%d times, %d versions made again".formatted(audit.resumes(), audit.again()))
        .row("prompts", audit.prompts() + " learned from")
        .row("faults", audit.faults().isEmpty() ? "none" : String.valueOf(audit.faults().size()))
        .print(out());
    audit.faults().forEach(fault -> out().println("  " + fault));
  }

  private void table(List<Learned> learned) {
    Columns table = new Columns("version", "responses", "prompts", "made", "sha256");
    for (Learned made : learned) {
      List<Long> prompts = made.promptIds().stream().distinct().sorted().toList();
      table.row(
          String.valueOf(made.version()),
          String.valueOf(made.promptIds().size()),
          prompts.isEmpty()
              ? "-"
              : "%d of %d to %d"
                  .formatted(prompts.size(), prompts.get(0), prompts.get(prompts.size() - 1)),
          String.valueOf(made.digests().size()),
          made.digests().isEmpty() ? "-" : made.digests().get(0).substring(0, SHOWN));
    }
    table.print(out());
  }
}

package plaudit.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import plaudit.eval.report.Table;
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
public final class JournalVerb extends ResultVerb {

  private static final int SHOWN = 12;

  @Parameters(paramLabel = "RUN", description = "The run's directory.")
  private Path run = Path.of("");

  @Option(
      names = "--versions",
      description = "List each policy version: what it was learned from, and its SHA-256.")
  private boolean versions;

  @Override
  public Integer call() {
    JournalReader journal = read();
    Audit audit = Audit.of(journal);
    print(
        audit,
        () -> {
          if (versions) {
            table(journal.learned());
          }
          facts(audit);
        });
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
    new Table.Facts()
        .add("versions", "%d policy, %d reward".formatted(audit.versions(), audit.rewards()))
        .add("reaches", audit.whole() ? "to the run's beginning" : "not to the run's beginning")
        .add(
            "resumed", "%d times, %d versions made again".formatted(audit.resumes(), audit.again()))
        .add("prompts", audit.prompts() + " learned from")
        .add("faults", audit.faults().isEmpty() ? "none" : audit.faults().size())
        .print(out());
    audit.faults().forEach(fault -> out().println("  " + fault));
  }

  private void table(List<Learned> learned) {
    Table.of(learned)
        .column("version", Learned::version)
        .column("responses", made -> made.promptIds().size())
        .column("prompts", made -> prompts(made.promptIds().stream().distinct().sorted().toList()))
        .column("made", made -> made.digests().size())
        .column(
            "sha256",
            made -> made.digests().isEmpty() ? "-" : made.digests().get(0).substring(0, SHOWN))
        .print(out());
  }

  private static String prompts(List<Long> ids) {
    return ids.isEmpty()
        ? "-"
        : "%d of %d to %d".formatted(ids.size(), ids.get(0), ids.get(ids.size() - 1));
  }
}

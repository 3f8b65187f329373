package plaudit.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plaudit.experience.ExperienceSettings;
import plaudit.experience.Ledger;
import plaudit.experience.LedgerInput;
import plaudit.experience.PromptStreams;
import plaudit.experience.journal.Entry;
import plaudit.experience.journal.Head;
import plaudit.experience.journal.JournalFiles;
import plaudit.experience.journal.JournalReader;
import plaudit.experience.journal.JournalSettings;
import plaudit.lab.replay.Audit;
import plaudit.node.config.RunConfig;
import plaudit.snapshots.Model;
import plaudit.tokens.Tokens;

/** A journal is held against what a run must be. */
class JournalVerbTest {

  private static final String A = "a".repeat(64);
  private static final String B = "b".repeat(64);

  @TempDir private Path run;
  private JournalFiles journal;

  @BeforeEach
  void begin() {
    ExperienceSettings settings = ExperienceSettings.from(RunConfig.defaults(List.of()).config());
    PromptStreams decks = PromptStreams.of(Collections.nCopies(8, Tokens.of(1)), 1);
    journal =
        JournalFiles.in(
            run.resolve(JournalReader.DIRECTORY),
            JournalSettings.from(RunConfig.defaults(List.of()).config()));
    journal.begin(new Head(0, settings, new Ledger(settings, decks).state(), List.of(), false));
  }

  @Test
  void eachPromptOnceAndTheSameWeightsAgainIsRight() {
    taken(0, 0, 1);
    made(1, A);
    taken(1, 2, 3);
    journal.append(Entry.of(new LedgerInput.Resume(99)));
    made(1, A);

    assertThat(Audit.of(JournalReader.of(run)))
        .isEqualTo(new Audit(true, 1, 2, 0, 4, 1, List.of()));
    assertThat(said("journal", run.toString())).contains("exit 0", "faults    none");
  }

  @Test
  void aPromptTwiceAndOtherWeightsAreNamed() {
    taken(0, 0, 1);
    made(1, A);
    made(1, B);
    taken(1, 1, 2);

    assertThat(said("journal", run.toString(), "--versions"))
        .contains(
            "exit 1",
            "2 of 0 to 1",
            "policy version 1 was made as [" + A + ", " + B + "]",
            "prompt 1 was learned from for version 1 and for version 2");
  }

  @Test
  void aRunWithoutAJournalIsAnError() throws Exception {
    Path other = Files.createDirectory(run.resolve("other"));
    assertThat(said("journal", other.toString()))
        .contains("exit 2", "other (expected: one with a journal)");
  }

  @Test
  void aJournalThatIsDamagedOrHasNotBegunIsAnErrorAndNotAVerdict() throws Exception {
    Path other = Files.createDirectory(run.resolve("other"));
    Path segments = Files.createDirectory(other.resolve(JournalReader.DIRECTORY));
    assertThat(said("journal", other.toString()))
        .contains("exit 2", "other (expected: one with a journal that has begun)");

    Files.writeString(segments.resolve("000001-at-0.journal"), "no segment at all");
    assertThat(said("journal", other.toString()))
        .contains("exit 2", "000001-at-0.journal, byte 0: not a journal");
  }

  private void taken(long version, long... prompts) {
    List<Entry.Key> keys =
        Arrays.stream(prompts).mapToObj(prompt -> new Entry.Key(prompt, 0)).toList();
    journal.append(
        new Entry(new LedgerInput.Take(version, prompts.length), Optional.empty(), keys));
  }

  private void made(long version, String sha256) {
    journal.append(Entry.of(new LedgerInput.Published(Model.POLICY, version, sha256)));
  }

  private static String said(String... arguments) {
    StringWriter words = new StringWriter();
    PrintWriter out = new PrintWriter(words, true);
    int exit = Main.run(out, out, arguments);
    return words + "exit " + exit;
  }
}

package plaudit.experience.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static plaudit.experience.Examples.answers;
import static plaudit.experience.Examples.queries;
import static plaudit.experience.Examples.settings;

import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigValueFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plaudit.experience.Batch;
import plaudit.experience.ExperienceSettings;
import plaudit.experience.Grant;
import plaudit.experience.LedgerInput;
import plaudit.experience.LedgerInput.Published;
import plaudit.experience.LedgerInput.Take;
import plaudit.experience.LedgerOutcome.Remade;
import plaudit.experience.LedgerOutcome.Silent;
import plaudit.experience.LedgerState;
import plaudit.experience.Pace;
import plaudit.experience.PromptStreams;
import plaudit.experience.Start;
import plaudit.input.InvalidInputException;
import plaudit.snapshots.Model;

/** The journal on a disk: what a kill, a power cut and a bad disk leave of it. */
class JournalFilesTest {

  private static final JournalSettings NEEDED = new JournalSettings(true, false, false);
  private static final JournalSettings ALL = new JournalSettings(true, true, false);
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00.123456789Z");

  @TempDir Path run;
  private Path directory;

  @BeforeEach
  void place() {
    directory = run.resolve(JournalReader.DIRECTORY);
  }

  @Test
  void whereverTheNewestSegmentIsTornTheWholeEntriesAreRead() throws IOException {
    try (DurableLedger ledger = fresh(NEEDED)) {
      learn(ledger, 0, 2);
    }
    Path file = segments().get(0);
    byte[] whole = Files.readAllBytes(file);
    List<Integer> ends = ends(file);
    for (int length = ends.get(0); length <= whole.length; length += 11) {
      Files.write(file, Arrays.copyOf(whole, length));
      List<Entry> read = new ArrayList<>();
      boolean there = JournalFiles.in(directory, NEEDED).read(0, head -> {}, read::add);
      int cut = length;
      int expected = (int) ends.stream().filter(end -> end <= cut).count() - 1;
      assertThat(there).isTrue();
      assertThat(read).as("of %d bytes", length).hasSize(expected);
      assertThat(Files.size(file)).isEqualTo((long) ends.get(expected));
    }
  }

  @Test
  void whatAPowerCutLeavesAtTheEndIsCutOffToo() throws IOException {
    try (DurableLedger ledger = fresh(NEEDED)) {
      learn(ledger, 0, 1);
    }
    Path file = segments().get(0);
    byte[] whole = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(whole, whole.length + 5_000));
    assertThat(entries(0)).hasSize(ends(file).size() - 1);
    assertThat(Files.size(file)).isEqualTo(whole.length);

    byte[] spoiled = whole.clone();
    spoiled[whole.length - 1] ^= 1;
    Files.write(file, spoiled);
    int before = ends(file).size() - 1;
    assertThat(entries(0)).hasSize(before);
  }

  @Test
  void damageInTheMiddleIsNamedWithFileAndByte() throws IOException {
    try (DurableLedger ledger = fresh(NEEDED)) {
      learn(ledger, 0, 2);
    }
    Path file = segments().get(0);
    byte[] whole = Files.readAllBytes(file);
    List<Integer> ends = ends(file);
    int start = ends.get(1);
    for (int bad : new int[] {start, start + 5, start + 9, start + 13}) {
      byte[] spoiled = whole.clone();
      spoiled[bad] ^= 0x40;
      Files.write(file, spoiled);
      assertThatThrownBy(() -> entries(0))
          .isInstanceOf(JournalException.Damaged.class)
          .hasMessageContaining(file.toString())
          .hasMessageContaining("byte " + start);
    }
    assertThat(Files.size(file)).as("nothing is cut off").isEqualTo(whole.length);
  }

  @Test
  void anOlderSegmentMustBeWhole() throws IOException {
    try (DurableLedger ledger = fresh(NEEDED)) {
      learn(ledger, 0, 1);
      ledger.checkpointed(1);
    }
    Path older = segments().get(0);
    byte[] whole = Files.readAllBytes(older);
    Files.write(older, Arrays.copyOf(whole, whole.length - 1));
    assertThatThrownBy(() -> entries(0)).isInstanceOf(JournalException.Damaged.class);
    assertThat(entries(1)).isEmpty();
  }

  @Test
  void whatTheTwoKeptCheckpointsNeedStays() {
    try (DurableLedger ledger = fresh(NEEDED)) {
      for (long version = 0; version < 6; version++) {
        learn(ledger, version, 1);
        ledger.checkpointed(version + 1);
      }
    }
    assertThat(names()).containsExactly("000006-at-5.journal", "000007-at-6.journal");
    assertThat(resumed(NEEDED, 5).ledger().version()).isEqualTo(6);
    assertThat(DurableLedger.resumed(settings(1, 1), prompts(), 4, 0, Journal.NONE)).isEmpty();
    assertThat(JournalFiles.in(directory, NEEDED).read(4, h -> {}, e -> {})).isFalse();
  }

  @Test
  void allOfItStaysIfSomebodyWantsToReplayIt() {
    try (DurableLedger ledger = fresh(ALL)) {
      for (long version = 0; version < 5; version++) {
        learn(ledger, version, 1);
        ledger.checkpointed(version + 1);
      }
    }
    assertThat(names()).hasSize(6);
    JournalReader reader = JournalReader.of(run);
    assertThat(reader.whole()).isTrue();
    assertThat(reader.learned()).hasSize(5);
  }

  @Test
  void aReaderTellsWhatEachVersionWasLearnedFromAcrossResumes() {
    Batch second;
    try (DurableLedger ledger = fresh(ALL)) {
      learn(ledger, 0, 2);
      second = (Batch) ledger.apply(new Take(1, 4));
    }
    try (DurableLedger ledger = resumed(ALL, 0)) {
      assertThat(ledger.apply(new Take(1, 4))).isEqualTo(second);
      assertThat(ledger.apply(new Published(Model.POLICY, 1, "d1"))).isEqualTo(Silent.CHANGED);
      assertThat(ledger.apply(new Published(Model.POLICY, 2, "other"))).isEqualTo(new Remade("d2"));
    }
    JournalReader reader = JournalReader.of(run);
    assertThat(reader.whole()).isTrue();
    assertThat(reader.resumes()).isEqualTo(1);
    assertThat(reader.learned()).extracting(JournalReader.Learned::version).containsExactly(1L, 2L);
    assertThat(reader.learned().get(1).promptIds())
        .isEqualTo(second.trajectories().stream().map(t -> t.rollout().promptId()).toList());
    assertThat(reader.learned().get(0).digests()).containsExactly("d1", "d1");
    assertThat(reader.learned().get(1).digests()).containsExactly("d2", "other");
    assertThat(reader.rewards().get(0L)).containsExactly("r0");
  }

  @Test
  void aRunWithOtherPromptsIsToldSo() {
    try (DurableLedger ledger = fresh(NEEDED)) {
      learn(ledger, 0, 1);
    }
    PromptStreams others = PromptStreams.of(queries(29), 1);
    assertThatThrownBy(
            () ->
                DurableLedger.resumed(
                    settings(1, 1), others, 0, 0, JournalFiles.in(directory, NEEDED)))
        .isInstanceOf(JournalException.Diverged.class)
        .hasMessageContaining("a grant");
  }

  @Test
  void aRunThatCountsInOtherBatchesIsRefused() {
    try (DurableLedger ledger = fresh(NEEDED)) {
      learn(ledger, 0, 1);
    }
    var settings = new ExperienceSettings(8, 1, 1, 2, 2, 4, Duration.ofMinutes(1), 0, Start.FRESH);
    assertThatThrownBy(
            () ->
                DurableLedger.resumed(
                    settings, prompts(), 0, 0, JournalFiles.in(directory, NEEDED)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("batch-size: 8 (expected: 4, as in the run's journal)");
  }

  @Test
  void aRunMayGoOnWithOtherSettings() {
    LedgerState before;
    try (DurableLedger ledger = fresh(NEEDED)) {
      learn(ledger, 0, 2);
      before = ledger.ledger().state();
    }
    try (DurableLedger ledger =
        DurableLedger.resumed(settings(3, 5), prompts(), 0, 0, JournalFiles.in(directory, NEEDED))
            .orElseThrow()) {
      assertThat(ledger.ledger().room()).isEqualTo(24 - 8);
      learn(ledger, 2, 1);
      before = ledger.ledger().state();
    }
    assertThat(resumed(NEEDED, 0).ledger().state()).isEqualTo(before);
  }

  @Test
  void aJournalThatIsNotWrittenOnIsSetAside() {
    fresh(NEEDED).close();
    JournalFiles.setAside(directory);
    assertThat(Files.exists(directory)).isFalse();
    assertThat(Files.exists(run.resolve("journal-before-1"))).isTrue();
    JournalFiles.setAside(directory);
    assertThat(Files.exists(run.resolve("journal-before-2"))).isFalse();
  }

  @Test
  void theSettingsAreThoseOfTheConfiguration() {
    var config = ConfigFactory.load();
    assertThat(JournalSettings.from(config)).isEqualTo(NEEDED);
    var other =
        config
            .withValue("plaudit.experience.journal.keep", ConfigValueFactory.fromAnyRef("all"))
            .withValue("plaudit.experience.journal.force", ConfigValueFactory.fromAnyRef("entry"));
    assertThat(JournalSettings.from(other)).isEqualTo(new JournalSettings(true, true, true));
    assertThatThrownBy(
            () ->
                JournalSettings.from(
                    config.withValue(
                        "plaudit.experience.journal.keep", ConfigValueFactory.fromAnyRef("some"))))
        .hasMessageContaining("plaudit.experience.journal.keep: some (expected: needed or all)");
  }

  private DurableLedger fresh(JournalSettings settings) {
    DurableLedger ledger =
        DurableLedger.fresh(settings(1, 1), prompts(), 0, JournalFiles.in(directory, settings));
    ledger.apply(new Published(Model.REWARD, 0, "r0"));
    ledger.apply(new LedgerInput.KeepPace(Pace.FREE));
    return ledger;
  }

  private DurableLedger resumed(JournalSettings settings, long checkpoint) {
    return DurableLedger.resumed(
            settings(1, 1), prompts(), checkpoint, 0, JournalFiles.in(directory, settings))
        .orElseThrow();
  }

  private static PromptStreams prompts() {
    return PromptStreams.of(queries(30), 1);
  }

  /** So many versions, each from a whole batch. */
  private static void learn(DurableLedger ledger, long from, int versions) {
    for (long version = from; version < from + versions; version++) {
      for (int i = 0; i < 2; i++) {
        Grant grant = (Grant) ledger.apply(new LedgerInput.Lend("s", version, NOW));
        ledger.apply(new LedgerInput.Offer(grant.batchId(), answers(grant.prompts(), version)));
      }
      assertThat(ledger.apply(new Take(version, 4))).isInstanceOf(Batch.class);
      ledger.apply(new Published(Model.POLICY, version + 1, "d" + (version + 1)));
    }
  }

  private List<Entry> entries(long checkpoint) {
    List<Entry> read = new ArrayList<>();
    assertThat(JournalFiles.in(directory, NEEDED).read(checkpoint, head -> {}, read::add)).isTrue();
    return read;
  }

  private List<Path> segments() {
    return JournalFiles.places(directory).stream().map(JournalFiles.Place::file).toList();
  }

  private List<String> names() {
    return segments().stream().map(file -> file.getFileName().toString()).toList();
  }

  /** Where the records end. */
  private static List<Integer> ends(Path file) {
    List<Integer> ends = new ArrayList<>();
    int[] end = {Long.BYTES};
    Segment.read(
        file,
        true,
        bytes -> {
          end[0] += 12 + bytes.length;
          ends.add(end[0]);
        });
    return ends;
  }
}

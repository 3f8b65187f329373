package plaudit.node.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plaudit.input.InvalidInputException;
import plaudit.node.config.RunConfig;

class RunDirectoryTest {

  private static final InstantSource CLOCK =
      InstantSource.fixed(Instant.parse("2026-03-04T05:06:07Z"));

  private Path dir;

  @BeforeEach
  void nameTheDirectory(@TempDir Path temporary) {
    dir = temporary;
  }

  @Test
  void aNewRunIsNamedAfterItsPresetAndTheTime() {
    try (RunDirectory run = create()) {
      assertThat(run.root()).isEqualTo(dir.resolve("runs/tldr-20260304-050607"));
      assertThat(run.config()).hasContent("plaudit {}");
      assertThat(run.snapshots()).isDirectory();
      assertThat(run.checkpoints()).isDirectory();
      assertThat(run.root().toFile().list())
          .containsExactlyInAnyOrder("config.conf", "snapshots", "checkpoints", "lock");
    }
  }

  @Test
  void twoRunsOfTheSameSecondGetDirectoriesOfTheirOwn() {
    try (RunDirectory one = create();
        RunDirectory two = create()) {
      assertThat(two.root()).isNotEqualTo(one.root());
      assertThat(two.root().getFileName()).hasToString("tldr-20260304-050607-2");
    }
  }

  @Test
  void aRunThatSomebodyRunsCannotBeOpened() {
    try (RunDirectory run = create()) {
      assertThatThrownBy(() -> RunDirectory.open(run.root(), 0))
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining("in use by process " + ProcessHandle.current().pid());
    }
  }

  @Test
  void aRunIsFreeWhenNobodyHasItOpenAndEndedWhenItsLastProcessSaidSo() {
    Path root;
    try (RunDirectory run = create()) {
      root = run.root();
      assertThat(RunOwner.LOCK.isFree(root)).isFalse();
      assertThat(RunDirectory.hasEnded(root)).isFalse();
      run.ended(true);
    }
    assertThat(RunOwner.LOCK.isFree(root)).isTrue();
    assertThat(RunDirectory.hasEnded(root)).isTrue();
    try (RunDirectory run = RunDirectory.open(root, 0)) {
      run.ended(false);
      assertThat(RunDirectory.hasEnded(root)).isFalse();
    }
  }

  @Test
  void aRunThatWasClosedCanBeOpenedAgain() {
    Path root;
    try (RunDirectory run = create()) {
      root = run.root();
    }

    try (RunDirectory again = RunDirectory.open(root, 0)) {
      assertThat(again.metrics()).isEqualTo(root.resolve("metrics.jsonl"));
      assertThat(again.labels()).isEqualTo(root.resolve("labels.sqlite"));
    }
  }

  @Test
  void anotherProcessIsRefusedToo() throws Exception {
    try (RunDirectory run = create()) {
      Process other =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-cp",
                  System.getProperty("java.class.path"),
                  TakeRun.class.getName(),
                  run.root().toString())
              .redirectErrorStream(true)
              .start();
      String said = new String(other.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

      assertThat(other.waitFor()).isEqualTo(3);
      assertThat(said).contains("in use by process " + ProcessHandle.current().pid());
    }
  }

  @Test
  void theNewestRunIsTheOneThatWasCreatedLastOfThoseThatHaveBegun() throws Exception {
    Path runs = dir.resolve("runs");
    assertThat(RunDirectory.newest(runs, "tldr")).isEmpty();
    try (RunDirectory one = create();
        RunDirectory two = create();
        RunDirectory orphan = create()) {
      Files.createDirectory(runs.resolve("zzz-no-run"));
      assertThat(RunDirectory.newest(runs, "tldr")).as("none has begun").isEmpty();

      RunIdentity.begun(one.root(), Map.of()).write(one.root());
      RunIdentity.begun(two.root(), Map.of()).write(two.root());
      assertThat(orphan.root()).isDirectory();
      assertThat(RunDirectory.newest(runs, "tldr")).contains(two.root());

      Files.setLastModifiedTime(
          two.config(),
          FileTime.from(Files.getLastModifiedTime(one.config()).toInstant().minusSeconds(9)));
      assertThat(RunDirectory.newest(runs, "tldr")).as("copied last").contains(two.root());
      assertThat(RunDirectory.newest(runs, "tld")).as("another name").isEmpty();
    }
  }

  @Test
  void whatALaterProcessChangedHoldsForTheNext() {
    try (RunDirectory run =
        RunDirectory.create(dir, "tldr", CLOCK, RunConfig.defaults(List.of()).render(), 0)) {
      RunIdentity begun =
          RunIdentity.begun(run.root(), Map.of("plaudit.run.model: weights", "ab12"));
      begun
          .with(
              new RunIdentity.Change("2026-01-01T00:00:00Z", 7, "plaudit.policy.updates", "1", "2"))
          .write(run.root());

      assertThat(RunIdentity.of(run.root()).map(RunIdentity::id)).contains(begun.id());
      assertThat(
              RunDirectory.settings(run.root(), List.of())
                  .config()
                  .getInt("plaudit.policy.updates"))
          .isEqualTo(2);
      assertThat(
              RunDirectory.settings(run.root(), List.of("policy.updates=3"))
                  .config()
                  .getInt("plaudit.policy.updates"))
          .isEqualTo(3);
    }
  }

  @Test
  void aCopyKnowsItsOriginalAndAMovedRunHasNone() throws Exception {
    Path original = Files.createDirectory(dir.resolve("original"));
    Path copy = Files.createDirectory(dir.resolve("copy"));
    RunIdentity run = RunIdentity.begun(original, Map.of());
    run.write(original);
    run.write(copy);

    RunIdentity copied = RunIdentity.of(copy).orElseThrow();
    assertThat(copied.copiedFrom(copy)).contains(original.toRealPath());
    assertThat(run.copiedFrom(original)).isEmpty();

    Files.delete(original.resolve("run.json"));
    assertThat(copied.copiedFrom(copy)).as("moved").isEmpty();
    assertThat(copied.at(copy).home()).isEqualTo(copy.toRealPath().toString());
  }

  @Test
  void aRefusedStartLeavesNothingAndABegunRunStays() {
    try (RunDirectory refused = create();
        RunDirectory begun = create()) {
      RunIdentity.begun(begun.root(), Map.of()).write(begun.root());

      refused.deleteUnlessBegun();
      begun.deleteUnlessBegun();

      assertThat(refused.root()).doesNotExist();
      assertThat(begun.root()).exists();
    }
  }

  @Test
  void aRefusedStartTakesTheFolderOfRunsAwayThatWasMadeForIt() throws Exception {
    Path runs = dir.resolve("runs");
    try (RunDirectory refused = RunDirectory.create(runs, "tldr", CLOCK, "", 1)) {
      refused.deleteUnlessBegun();

      assertThat(runs).doesNotExist();
    }
    Files.createDirectory(runs);
    try (RunDirectory refused = RunDirectory.create(runs, "tldr", CLOCK, "", 1)) {
      refused.deleteUnlessBegun();

      assertThat(runs).as("was there before").exists();
    }
  }

  @Test
  void aDiskThatIsTooSmallIsNamedWithNeededAndFreeBytes() {
    long tooMuch = Long.MAX_VALUE;
    assertThatThrownBy(() -> RunDirectory.create(dir, "tldr", CLOCK, "", tooMuch))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageMatching(
            "free disk space at .*: [0-9]+ bytes \\(expected: >= " + tooMuch + " bytes\\)");
  }

  @Test
  void aDirectoryThatIsNoRunIsRefused() {
    assertThatThrownBy(() -> RunDirectory.open(dir, 0))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("(expected: a directory with a config.conf)");
  }

  @Test
  void aNameThatIsAPathIsRefused() {
    assertThatThrownBy(() -> RunDirectory.create(dir, "../up", CLOCK, "", 0))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageStartingWith("run name: ../up");
  }

  private RunDirectory create() {
    return RunDirectory.create(dir.resolve("runs"), "tldr", CLOCK, "plaudit {}", 1);
  }

  /** Another process that wants the same run. */
  static final class TakeRun {
    private TakeRun() {}

    public static void main(String[] args) {
      try (RunDirectory run = RunDirectory.open(Path.of(args[0]), 0)) {
        System.out.println("took " + run.root());
      } catch (InvalidInputException e) {
        System.err.println(e.getMessage());
        System.exit(3);
      }
    }
  }
}

package plaudit.node.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plaudit.input.InvalidInputException;

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
      assertThat(RunDirectory.isFree(root)).isFalse();
      assertThat(RunDirectory.hasEnded(root)).isFalse();
      run.ended(true);
    }
    assertThat(RunDirectory.isFree(root)).isTrue();
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
  void theNewestRunIsTheOneThatWasBegunLast() throws Exception {
    Path runs = dir.resolve("runs");
    assertThat(RunDirectory.newest(runs)).isEmpty();
    try (RunDirectory one = create();
        RunDirectory two = create()) {
      Files.createDirectory(runs.resolve("zzz-no-run"));
      assertThat(RunDirectory.newest(runs)).contains(two.root());

      Files.setLastModifiedTime(
          two.config(),
          FileTime.from(Files.getLastModifiedTime(one.config()).toInstant().minusSeconds(9)));
      assertThat(RunDirectory.newest(runs)).contains(one.root());
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

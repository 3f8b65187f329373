package plaudit.gateway.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import plaudit.labels.Label;

/** A disk takes no more writes for a while: what is not acknowledged is not stored. */
@Timeout(60)
class DiskTest {

  private static final int PEOPLE = 10;
  private static final int EACH = 20;
  private static final int TASKS = PEOPLE * EACH;

  private final Path directory;

  DiskTest(@TempDir Path directory) {
    this.directory = directory;
  }

  private record Held(Labeler labeler, Lease lease) {}

  private interface Step {
    void take() throws Exception;
  }

  /** A disk of 12 MiB that something else fills; only root may mount one. */
  @Test
  void aFullDiskIsNamedAndWhenThereIsRoomAgainTheNextJudgmentIsStored() throws Exception {
    assumeTrue(
        System.getProperty("user.name").equals("root")
            && run("mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", directory.toString()),
        "no disk of a test's own can be mounted here: a full one is not tested");
    try {
      Path ballast = directory.resolve("ballast");
      judgeWhile(() -> fill(ballast), "database or disk is full", () -> Files.delete(ballast));
    } finally {
      assertThat(run("umount", directory.toString())).isTrue();
    }
  }

  /** The system refuses this process every write beyond the first 4 KiB of a file. */
  @Test
  void aFailingDiskIsNamedAndWhenItWorksAgainTheNextJudgmentIsStored() throws Exception {
    assumeTrue(limit("unlimited"), "no prlimit here: a failing disk is not tested");
    judgeWhile(
        () -> assertThat(limit("4096")).isTrue(),
        "disk I/O error",
        () -> assertThat(limit("unlimited")).isTrue());
  }

  private void judgeWhile(Step fails, String words, Step works) throws Exception {
    Set<String> acknowledged = new HashSet<>();
    try (JdbcLabels labels = Stores.open(directory)) {
      labels.ask(Comparisons.some("c", TASKS));
      List<Held> held = held(labels);
      acknowledged.add(judge(labels, held.get(0)));
      int next = 1;
      Optional<StoreException> refusal = Optional.empty();
      fails.take();
      try {
        while (refusal.isEmpty() && next < TASKS) {
          try {
            acknowledged.add(judge(labels, held.get(next)));
            next++;
          } catch (StoreException e) {
            refusal = Optional.of(e);
          }
        }
        Held refused = held.get(next);
        assertThatThrownBy(() -> judge(labels, refused)).isInstanceOf(StoreException.class);
        assertThat(ids(labels)).as("what can be read meanwhile").isEqualTo(acknowledged);
      } finally {
        works.take();
      }
      assertThat(refusal).get().extracting(Throwable::getMessage).asString().contains(words);
      assertThat(StoreCare.verify(labels.settings())).isEmpty();

      for (Held one : held.subList(next, TASKS)) {
        acknowledged.add(judge(labels, one));
      }
      assertThat(ids(labels)).isEqualTo(acknowledged).hasSize(TASKS);
    }
    assertThat(StoreCare.verify(Stores.settings(directory))).isEmpty();
    try (JdbcLabels labels = Stores.open(directory)) {
      assertThat(ids(labels)).isEqualTo(acknowledged);
      assertThat(labels.labelsAfter(0, TASKS))
          .extracting(Label::sequence)
          .isEqualTo(LongStream.rangeClosed(1, TASKS).boxed().toList());
    }
  }

  private static List<Held> held(JdbcLabels labels) {
    return IntStream.range(0, PEOPLE)
        .mapToObj(person -> new Labeler("acme", "person-" + person))
        .flatMap(
            labeler ->
                ((LeaseOutcome.Granted) labels.lease(labeler, EACH))
                    .leases().stream().map(lease -> new Held(labeler, lease)))
        .toList();
  }

  private static String judge(JdbcLabels labels, Held held) {
    Lease lease = held.lease();
    String choice = lease.task().choices().get(0).choiceId();
    JudgeOutcome outcome =
        labels.judge(
            held.labeler(),
            new Submission(
                lease.leaseId(),
                lease.epoch(),
                new SubmittedChoice.Chosen(choice),
                null,
                null,
                null,
                null),
            Optional.empty());
    return ((JudgeOutcome.Recorded) outcome).judgment().judgmentId();
  }

  private static Set<String> ids(JdbcLabels labels) {
    return labels.list("acme", null, null, TASKS + 1).orElseThrow().items().stream()
        .map(StoredJudgment::judgmentId)
        .collect(Collectors.toSet());
  }

  /** To the last byte. */
  private static void fill(Path ballast) throws IOException {
    byte[] block = new byte[4096];
    try (OutputStream out = Files.newOutputStream(ballast)) {
      for (int i = 0; i < 4_096; i++) {
        out.write(block);
      }
    } catch (IOException e) {
      assertThat(e).hasMessageContaining("No space left on device");
      return;
    }
    throw new AssertionError("the disk is larger than it was made");
  }

  private static boolean limit(String bytes) throws InterruptedException {
    return run(
        "prlimit", "--pid", Long.toString(ProcessHandle.current().pid()), "--fsize=" + bytes + ":");
  }

  private static boolean run(String... command) throws InterruptedException {
    try {
      return new ProcessBuilder(command).start().waitFor() == 0;
    } catch (IOException e) {
      return false;
    }
  }
}

package plaudit.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;
import plaudit.cluster.NodeJvm;

/** As a new version is rolled out: everybody is stopped and started, one after the other. */
@Tag("slow")
class RollingRestartTest {

  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final int SIGTERM = 128 + 15;
  private static final int UPDATES = 60;
  private static final int LABELS = 48;
  private static final int BEFORE_START = 8;

  @TempDir private Path directory;

  /** How the learner was stopped, and the version it had then. */
  private Books.Death stopped = new Books.Death(0, OptionalLong.empty());

  private long made;

  /** Answers that people may have given. */
  private int limit = BEFORE_START + 2;

  @Test
  void everybodyIsStoppedAndStartedDuringARunAndNothingIsLost(TestReporter reporter)
      throws Exception {
    Map<String, String> times = new TreeMap<>();
    try (ProcessFleet fleet = new ProcessFleet(directory, UPDATES, LABELS, false)) {
      for (String name : ProcessFleet.ALL) {
        fleet.start(name);
      }
      try (PatientVendor vendor =
          new PatientVendor(List.of(fleet.door()), 2, Duration.ofMillis(100))) {
        vendor.allow(limit);
        NodeJvm learner = fleet.node("learner");
        learner.await("learns", PATIENCE, () -> learner.meter("plaudit_policy_updates_total") > 0);
        for (String name : List.of("sampler-1", "sampler-2", "scorer", "gateway")) {
          restart(name, fleet, vendor, times);
        }
        restart("learner", fleet, vendor, times);
        vendor.allow(Integer.MAX_VALUE / 2);
        assertThat(fleet.node("learner").exit(PATIENCE)).as(fleet.words()).isZero();
        fleet.node("gateway").terminate();
        fleet.node("gateway").exit(PATIENCE);

        assertThat(stopped.checkpoint()).as("all updates are in the checkpoint").hasValue(made);
        assertThat(Books.line(fleet.updates(), List.of(stopped), UPDATES)).isEmpty();
        assertThat(Books.rewards(fleet.column("reward/version"), 0)).isEmpty();
        assertThat(Books.labels("jdbc:sqlite:" + fleet.labels(), "plaudit", vendor)).isEmpty();
        assertThat(Books.results(fleet.run())).isEmpty();
      }
    }
    reporter.publishEntry(times);
  }

  /** SIGTERM, the end, a new process, its first useful work. */
  private void restart(
      String name, ProcessFleet fleet, PatientVendor vendor, Map<String, String> times)
      throws Exception {
    NodeJvm old = fleet.node(name);
    long start = System.nanoTime();
    old.terminate();
    assertThat(old.exit(PATIENCE)).as(old.output()).isEqualTo(SIGTERM);
    Duration ended = Duration.ofNanos(System.nanoTime() - start);
    if (name.equals("learner")) {
      List<Long> updates = fleet.updates();
      made = updates.get(updates.size() - 1);
      stopped = new Books.Death(updates.size(), fleet.checkpoint());
    }
    BooleanSupplier useful = fleet.useful(name, vendor, 0);
    NodeJvm next = fleet.start(name);
    limit += 6;
    next.await(
        "useful work",
        PATIENCE,
        () -> {
          // Work for it only when it is there: the others would be done with it before.
          if (fleet.ready(name)) {
            vendor.trickle(limit);
          }
          return useful.getAsBoolean();
        });
    Duration again = Duration.ofNanos(System.nanoTime() - start);
    times.put(name, "ended " + ended + " after SIGTERM, its successor at work after " + again);
  }
}

package plaudit.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;

/** A second learner's node beside a run that it goes on with when the first one is killed. */
class StandbyTest {

  private static final Duration PATIENCE = Duration.ofMinutes(4);
  private static final String UPDATES = "plaudit_policy_updates_total";

  @TempDir private Path directory;

  @Test
  @Tag("slow")
  void aStandbyGoesOnWithTheRunWhenTheLearnerIsKilled(TestReporter reporter) throws Exception {
    int updates = 300;
    try (TinyCluster cluster = new TinyCluster(directory, 2)) {
      String[] quick = {"policy.checkpoint-every=5", "cluster.stable-after=3s"};
      NodeJvm learner = cluster.learner("learner,gateway", updates, quick);
      NodeJvm worker = cluster.node("worker", "sampler,scorer", quick);
      learner.await("a checkpoint", PATIENCE, () -> learner.meter(UPDATES) > 5);
      Path run = cluster.runs().get(0);
      NodeJvm standby = cluster.standby(1, "learner,gateway", run);
      learner.await("the standby is up", PATIENCE, () -> learner.up() == 3);
      assertThat(learner.meter(UPDATES)).as("updates before it dies").isLessThan(updates);

      learner.kill();
      // A resumed learner counts from its checkpoint; the first update after it is a new one.
      Duration takenOver =
          standby.await(
              "a new update",
              PATIENCE,
              () -> standby.output().contains("takes over") && newUpdates(standby) > 0);
      assertThat(standby.exit(PATIENCE)).as(standby.output()).isZero();

      List<Map<String, Number>> lines = TinyCluster.updates(run);
      assertThat(update(lines.get(lines.size() - 1))).isEqualTo(updates);
      for (int update = 1; update <= updates; update++) {
        int each = update;
        assertThat(lines).anyMatch(line -> update(line) == each);
      }
      assertThat(cluster.runs()).hasSize(1);
      assertThat(run.resolve("policy/model.safetensors")).isRegularFile();
      assertThat(worker.status()).isPresent();
      reporter.publishEntry("kill -9 of the learner to a new update", takenOver.toString());
    }
  }

  @Test
  void aStandbyEndsWithARunThatEnds() throws Exception {
    try (TinyCluster cluster = new TinyCluster(directory, 2)) {
      NodeJvm learner = cluster.learner("learner,gateway,sampler,scorer", 2);
      learner.await("the run", PATIENCE, () -> hasRun(cluster));
      Path run = cluster.runs().get(0);
      NodeJvm standby = cluster.standby(1, "learner,gateway", run, "cluster.join-timeout=3s");
      assertThat(learner.exit(PATIENCE)).as(learner.output()).isZero();
      assertThat(standby.exit(PATIENCE)).as(standby.output()).isZero();
      assertThat(standby.output()).contains("has ended").doesNotContain("takes over");
    }
  }

  private static int update(Map<String, Number> line) {
    return line.getOrDefault("update", -1).intValue();
  }

  private static boolean hasRun(TinyCluster cluster) {
    try {
      return Files.isRegularFile(cluster.runs().get(0).resolve("config.conf"));
    } catch (java.io.IOException | IndexOutOfBoundsException e) {
      return false;
    }
  }

  private static double newUpdates(NodeJvm standby) {
    return standby.meter("plaudit_policy_learning_seconds_count");
  }
}

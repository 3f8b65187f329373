package plaudit.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;
import plaudit.model.Safetensors;

/** A run whose learner has helpers, each in a process of its own. */
class HelperNodesTest {

  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final String COMPUTED = "plaudit_helper_computing_seconds_count";

  @TempDir private Path directory;

  @Test
  void helpersComputeAPartOfEachMinibatchAndOneThatIsKilledStopsNothing(TestReporter reporter)
      throws Exception {
    int updates = 8;
    try (TinyCluster cluster = new TinyCluster(directory, 1)) {
      NodeProcess learner = cluster.learner("learner,gateway", updates);
      NodeProcess stays = cluster.node("stays", "helper");
      NodeProcess killed = cluster.node("killed", "helper");
      learner.await("both helpers are up", PATIENCE, () -> learner.up() == 3);
      cluster.node("worker", "sampler,scorer");

      killed.await("helps", PATIENCE, () -> killed.meter(COMPUTED) > 0);
      killed.kill();
      assertThat(learner.exit(PATIENCE)).as(learner.output()).isZero();

      List<Map<String, Number>> lines = TinyCluster.updates(cluster.runs().get(0));
      assertThat(lines).hasSize(updates);
      assertThat(lines).anyMatch(line -> number(line, "learner/helpers") > 1);
      Map<String, Number> last = lines.get(updates - 1);
      assertThat(number(last, "learner/helpers")).isEqualTo(1);
      // Four epochs over eight rows; each hand has one row of each at least.
      assertThat(number(last, "learner/rows_by_helpers")).isBetween(4.0, 28.0);
      assertThat(stays.meter(COMPUTED)).isGreaterThan(updates);
      reporter.publishEntry(
          "seconds a step with one helper, beside computing",
          Double.toString(number(last, "learner/exchange_seconds") / 4));
    }
  }

  /**
   * One update on rollouts of the reference, all labels answered before: nothing depends on time.
   */
  @Test
  @Tag("slow")
  void theWeightsAreThoseOfALearnerAlone() throws Exception {
    String[] certain = {
      "reward.labels.before-start=8",
      "reward.labels.total=8",
      "reward.labels.outstanding=8",
      "reward.labels.retrainings=0",
      "reward.held-out-share=0"
    };
    try (TinyCluster cluster = new TinyCluster(directory, 1)) {
      List<String> alone = new ArrayList<>(List.of("run", "--config", "quickstart"));
      alone.addAll(cluster.alone(1, certain));
      assertThat(cluster.verb("alone", alone).exit(PATIENCE)).isZero();

      NodeProcess learner = cluster.learner("learner,gateway", 1, certain);
      cluster.node("helper-1", "helper");
      cluster.node("helper-2", "helper");
      learner.await("both helpers are up", PATIENCE, () -> learner.up() == 3);
      cluster.node("worker", "sampler,scorer");
      assertThat(learner.exit(PATIENCE)).as(learner.output()).isZero();

      List<Path> runs = cluster.runs();
      assertThat(number(TinyCluster.updates(runs.get(1)).get(0), "learner/helpers")).isEqualTo(2);
      Safetensors one = Safetensors.open(runs.get(0).resolve("policy/model.safetensors"));
      Safetensors other = Safetensors.open(runs.get(1).resolve("policy/model.safetensors"));
      assertThat(other.names()).isEqualTo(one.names());
      for (String name : one.names()) {
        float[] expected = floats(one, name);
        assertThat(floats(other, name)).as(name).containsExactly(expected, within(2e-6f));
      }
    }
  }

  private static double number(Map<String, Number> line, String name) {
    return line.getOrDefault(name, 0).doubleValue();
  }

  private static float[] floats(Safetensors file, String name) {
    var buffer = file.readF32(name).asFloatBuffer();
    float[] numbers = new float[buffer.remaining()];
    buffer.get(numbers);
    return numbers;
  }
}

package plaudit.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;

/**
 * A run whose learner has helpers, each in a process of its own. That the weights are those of a
 * learner alone, {@code DataParallelTest} shows over the same HTTP: two runs with simulated people
 * are not the same run.
 */
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

  private static double number(Map<String, Number> line, String name) {
    return line.getOrDefault(name, 0).doubleValue();
  }
}

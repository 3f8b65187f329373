package plaudit.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;
import plaudit.cluster.NodeJvm;
import plaudit.endtoend.TinyModel;
import plaudit.node.run.MetricsLog;

/**
 * A network that is cut: the learner with a gateway, a scorer and a sampler on one side, a second
 * sampler on the other. Skipped where no network namespaces can be made.
 */
@Tag("slow")
class PartitionTest {

  private static final Duration PATIENCE = Duration.ofMinutes(4);
  private static final String ROLLOUTS = "plaudit_sampler_rollouts_total";
  private static final String UPDATES = "plaudit_policy_updates_total";

  private final List<NodeJvm> started = new ArrayList<>();

  @TempDir private Path directory;
  private Wires wires;

  @BeforeEach
  void layWires() throws Exception {
    Optional<Wires> laid = Wires.lay();
    assumeTrue(laid.isPresent(), "no network namespaces here: partitions are not tested");
    wires = laid.orElseThrow();
  }

  @AfterEach
  void clean() throws Exception {
    started.forEach(NodeJvm::close);
    if (wires != null) {
      wires.close();
    }
  }

  @Test
  void theLearnersSideGoesOnAndTheOtherComesBack(TestReporter reporter) throws Exception {
    Path model = TinyModel.in(directory);
    NodeJvm learner =
        node(model, Wires.End.LEFT, "learner,gateway,scorer,sampler", "cluster.port=17355");
    NodeJvm far = node(model, Wires.End.RIGHT, "sampler", "run.data=\"\"");
    far.await("works", PATIENCE, () -> far.meter(ROLLOUTS) > 0 && learner.meter(UPDATES) > 1);

    long lost = lost(far);
    wires.cut(Wires.End.RIGHT);
    Duration noticed = learner.await("notices", PATIENCE, () -> unreachable(learner) == 1);
    wires.mend(Wires.End.RIGHT);
    learner.await("forgives", PATIENCE, () -> unreachable(learner) == 0);
    double before = far.meter(ROLLOUTS);
    far.await("goes on", PATIENCE, () -> far.meter(ROLLOUTS) > before);
    assertThat(lost(far)).isEqualTo(lost);

    wires.cut(Wires.End.RIGHT);
    Duration givenUp = learner.await("gives up", PATIENCE, () -> learner.up() == 1);
    double made = learner.meter(UPDATES);
    learner.await("goes on", PATIENCE, () -> learner.meter(UPDATES) > made + 2);
    far.await("knows", PATIENCE, () -> lost(far) > lost);
    wires.mend(Wires.End.RIGHT);
    learner.await("is back", PATIENCE, () -> learner.up() == 2);
    double after = far.meter(ROLLOUTS);
    Duration works = far.await("works again", PATIENCE, () -> far.meter(ROLLOUTS) > after);

    learner.terminate();
    learner.exit(PATIENCE);
    List<Long> updates = updates();
    assertThat(Books.line(updates, List.of(), updates.get(updates.size() - 1))).isEmpty();
    reporter.publishEntry(
        Map.of(
            "cut to unreachable", noticed.toString(),
            "cut to given up", givenUp.toString(),
            "back in the cluster to first rollouts", works.toString()));
  }

  /** How often it had no learner; it may have to knock more than once at the start. */
  private static long lost(NodeJvm node) {
    return node.output().lines().filter(line -> line.contains("; looking for one at")).count();
  }

  private static long unreachable(NodeJvm node) {
    return node.status().stream()
        .flatMap(status -> status.findValues("reachable").stream())
        .filter(reachable -> !reachable.asBoolean())
        .map(JsonNode::asText)
        .count();
  }

  private List<Long> updates() throws Exception {
    try (Stream<Path> runs = Files.list(directory.resolve("runs"))) {
      return MetricsLog.read(runs.findFirst().orElseThrow().resolve("metrics.jsonl")).stream()
          .filter(line -> line.containsKey("update"))
          .map(line -> line.get("update").longValue())
          .toList();
    }
  }

  private NodeJvm node(Path model, Wires.End end, String roles, String more) throws Exception {
    List<String> settings = new ArrayList<>(TinyModel.run(model, directory, 100_000));
    settings.addAll(
        List.of(
            "cluster.host=" + end.address,
            "cluster.seed-nodes=[\"" + Wires.End.LEFT.address + ":17355\"]",
            "cluster.join-timeout=5s",
            "run.time-limit=0s",
            "policy.learning-rate=1e-9",
            more));
    NodeJvm node =
        NodeJvm.node(
            wires.host(end),
            directory,
            end.name().toLowerCase(java.util.Locale.ROOT),
            roles,
            settings);
    started.add(node);
    return node;
  }
}

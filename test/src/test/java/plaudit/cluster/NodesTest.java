package plaudit.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;
import plaudit.ops.run.MetricsLog;

/** A run on several processes, with {@code kill -9} and SIGTERM; a tiny random model. */
class NodesTest {

  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final int SIGTERM = 128 + 15;
  private static final String ROLLOUTS = "plaudit_sampler_rollouts_total";
  private static final String RECALLED = "plaudit_buffer_recalled_batches_total";

  /** Two grants of questions, 4 prompts with 4 responses each: all that a sampler may hold. */
  private static final int ALL_IT_MAY_HOLD = 32;

  private final List<NodeProcess> started = new ArrayList<>();

  @TempDir private Path directory;
  private Path model;
  private int seed;

  @BeforeEach
  void makeATinyModel() throws Exception {
    model = TinyModel.in(directory);
    seed = NodeProcess.freePort();
  }

  @AfterEach
  void killWhoIsLeft() {
    started.forEach(NodeProcess::close);
  }

  @Test
  void aRunOnFourNodesFinishesAndFetchesItsWeightsOverHttp() throws Exception {
    NodeProcess learner = learner("learner,gateway", 3);
    List<NodeProcess> others =
        List.of(
            node("sampler-1", "sampler"), node("sampler-2", "sampler"), node("scorer", "scorer"));

    assertThat(learner.exit(PATIENCE)).as(learner.output()).isZero();

    Path run = theRun();
    assertThat(updates(run)).hasSize(3);
    assertThat(updates(run))
        .anySatisfy(line -> assertThat(line).containsKey("async/publish_to_applied"));
    assertThat(run.resolve("policy/model.safetensors")).isRegularFile();
    assertThat(others.get(0).meter(ROLLOUTS) + others.get(1).meter(ROLLOUTS))
        .isGreaterThanOrEqualTo(3 * 8 + 8 * 4.0);
    assertThat(others.get(2).meter("plaudit_scorer_rollouts_total")).isGreaterThanOrEqualTo(3 * 8.0);
  }

  /** Without a scorer a sampler keeps what it was granted: that it holds work is certain. */
  @Test
  @Tag("slow")
  void samplersComeAndGoAndTheRunLosesNothing(TestReporter reporter) throws Exception {
    NodeProcess learner = learner("learner,gateway", 3);
    NodeProcess stays = node("stays", "sampler");
    NodeProcess leaves = node("leaves", "sampler");
    learner.await("both hold work", PATIENCE, () -> full(stays) && full(leaves));

    leaves.terminate();
    Duration left =
        learner.await("handed back", Duration.ofSeconds(5), () -> learner.meter(RECALLED) == 2);
    assertThat(leaves.exit(PATIENCE)).as(leaves.output()).isEqualTo(SIGTERM);

    NodeProcess killed = node("killed", "sampler");
    Duration joined = learner.await("productive", PATIENCE, () -> killed.meter(ROLLOUTS) > 0);
    learner.await("holds work", PATIENCE, () -> full(killed));

    killed.kill();
    Duration recalled =
        learner.await("dealt again", Duration.ofSeconds(15), () -> learner.meter(RECALLED) == 4);

    NodeProcess scorer = node("scorer", "scorer");
    assertThat(learner.exit(PATIENCE)).as(learner.output()).isZero();
    assertThat(updates(theRun())).hasSize(3);
    assertThat(scorer.meter("plaudit_scorer_rollouts_total")).isGreaterThanOrEqualTo(3 * 8.0);

    reporter.publishEntry(
        Map.of(
            "SIGTERM to work handed back", left.toString(),
            "process start to first rollouts", joined.toString(),
            "kill -9 to work dealt again", recalled.toString()));
    assertThat(left).isLessThan(Duration.ofSeconds(2));
    assertThat(joined).isLessThan(Duration.ofSeconds(10));
    assertThat(recalled).isLessThan(Duration.ofSeconds(5));
  }

  private static boolean full(NodeProcess sampler) {
    return sampler.meter(ROLLOUTS) >= ALL_IT_MAY_HOLD;
  }

  private NodeProcess learner(String roles, int updates) throws Exception {
    List<String> settings = new ArrayList<>(TinyModel.run(model, directory, updates));
    settings.add("cluster.port=" + seed);
    settings.add("cluster.seed-nodes=[\"127.0.0.1:" + seed + "\"]");
    return started(NodeProcess.node(directory, "learner", roles, settings));
  }

  private NodeProcess node(String name, String roles) throws Exception {
    List<String> settings = new ArrayList<>(TinyModel.run(model, directory, 3));
    settings.add("run.data=\"\"");
    settings.add("cluster.seed-nodes=[\"127.0.0.1:" + seed + "\"]");
    return started(NodeProcess.node(directory, name, roles, settings));
  }

  private NodeProcess started(NodeProcess node) {
    started.add(node);
    return node;
  }

  private Path theRun() throws Exception {
    try (Stream<Path> runs = Files.list(directory.resolve("runs"))) {
      return runs.findFirst().orElseThrow();
    }
  }

  private static List<Map<String, Number>> updates(Path run) {
    return MetricsLog.read(run.resolve("metrics.jsonl")).stream()
        .filter(line -> line.containsKey("update"))
        .toList();
  }
}

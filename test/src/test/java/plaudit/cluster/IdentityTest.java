package plaudit.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plaudit.endtoend.TinyModel;

/** Nodes that are not of the run they meet; JVMs of their own, a tiny random model. */
class IdentityTest {

  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final String ROLLOUTS = "plaudit_sampler_rollouts_total";
  private static final String REFUSALS = "plaudit_run_refusals_total";
  private static final String OLDER = "-Dplaudit.protocol=1";
  private static final Pattern RUN = Pattern.compile("(?m)^Run +([0-9a-f]{16})$");

  private final List<NodeJvm> started = new ArrayList<>();

  @TempDir private Path directory;
  private Path model;
  private int seed;

  /**
   * A node with another setting than the run's.
   *
   * @param override what it is given
   * @param refusal what it says
   */
  private record Mismatch(String roles, String override, String refusal) {}

  @BeforeEach
  void makeATinyModel() throws Exception {
    model = TinyModel.in(directory);
    seed = NodeJvm.freePort();
  }

  @AfterEach
  void killThoseLeft() {
    started.forEach(NodeJvm::close);
  }

  @Test
  void aWorkerTakesTheTaskFromTheRunAndOneWithAnotherTemperatureIsRefused() throws Exception {
    NodeJvm learner = learner();
    NodeJvm sampler = node("sampler", List.of("node", "--roles", "sampler"));
    refused(
        learner,
        new Mismatch(
            "sampler", "task.temperature=0.5", "plaudit.task.temperature: 0.5 (expected: 0.7)"));

    sampler.await("it writes", PATIENCE, () -> sampler.meter(ROLLOUTS) > 0);
    assertThat(sampler.output()).containsPattern(RUN);
    assertThat(learner.meter(REFUSALS)).isEqualTo(1);
    assertThat(learner.status().orElseThrow().path("run").path("refused").toString())
        .contains("plaudit.task.temperature: 0.5 (expected: 0.7)");
  }

  @Test
  @Tag("slow")
  void whatWouldPoisonTheRunIsRefusedByNameWithBothValues() throws Exception {
    NodeJvm learner = learner();
    List<Mismatch> table =
        List.of(
            new Mismatch("sampler", "run.model=\"" + otherWeights() + "\"", "run.model: weights: "),
            new Mismatch("scorer", "run.model=\"" + otherWeights() + "\"", "run.model: weights: "),
            new Mismatch("sampler", "task.temperature=1", "task.temperature: 1 (expected: 0.7)"),
            new Mismatch("scorer", "task.penalty=-2", "task.penalty: -2 (expected: -1)"),
            new Mismatch("sampler", "task.response-length=9", "response-length: 9 (expected: 8)"),
            new Mismatch("scorer", "task.response-length=9", "response-length: 9 (expected: 8)"),
            new Mismatch("sampler", "run.seed=2", "run.seed: 2 (expected: 1)"),
            new Mismatch("scorer", "scorer.choices=3", "scorer.choices: 3 (expected: 4)"),
            new Mismatch("helper", "policy.clip-ratio=0.3", "clip-ratio: 0.3 (expected: 0.2)"));
    for (Mismatch mismatch : table) {
      refused(learner, mismatch);
    }
    assertThat(learner.meter(REFUSALS)).isEqualTo(table.size());
  }

  @Test
  @Tag("slow")
  void aWorkerOfOneRunDoesNotFollowAnotherAtTheSameAddress() throws Exception {
    NodeJvm first = learner();
    NodeJvm sampler =
        node("sampler", List.of("node", "--roles", "sampler", "node.wait-for-learner=40s"));
    sampler.await("it writes", PATIENCE, () -> sampler.meter(ROLLOUTS) > 0);
    Matcher run = RUN.matcher(sampler.output());
    assertThat(run.find()).isTrue();

    first.kill();
    NodeJvm second = learner();

    assertThat(sampler.exit(PATIENCE)).as(sampler.output()).isEqualTo(1);
    assertThat(sampler.output()).contains("The learner here is not of run " + run.group(1));
    assertThat(second.meter("plaudit_buffer_rollouts_total")).isZero();
  }

  @Test
  void aNodeOfAnotherClusterOrOfAnotherProtocolIsRefusedByName() throws Exception {
    NodeJvm learner = learner(List.of("-Dlogback.configurationFile=logback.xml"));
    refused(
        learner,
        new Mismatch(
            "sampler",
            "cluster.name=other",
            "plaudit.cluster.name: other (expected: the name of the cluster at [127.0.0.1:"));
    assertThat(log()).content().contains("plaudit.cluster.name: other (expected: plaudit)");
    NodeJvm older = older("sampler", List.of("node", "--roles", "sampler"));
    assertThat(older.exit(PATIENCE)).as(older.output()).isEqualTo(2);
    assertThat(older.output())
        .contains("protocol of this program: 1 (expected: 2, as the node at ");
    assertThat(learner.up()).isLessThanOrEqualTo(2); // itself, and for a moment the refused one
    assertThat(learner.alive()).isTrue();
  }

  /** In a rolling upgrade the learner comes last: the new build's workers meet the old one's. */
  @Test
  @Tag("slow")
  void workersOfTheNextProtocolLeaveAnOlderLearnerInPeaceAndOfTheSameGoOn() throws Exception {
    NodeJvm learner = learner(List.of(OLDER));
    NodeJvm next = node("next", List.of("node", "--roles", "sampler"));
    assertThat(next.exit(PATIENCE)).as(next.output()).isEqualTo(2);
    assertThat(next.output()).contains("protocol of this program: 2 (expected: 1, as the node at ");

    NodeJvm same = older("same", List.of("node", "--roles", "sampler"));
    same.await("it writes", PATIENCE, () -> same.meter(ROLLOUTS) > 0);
    assertThat(learner.alive()).isTrue();
  }

  private Path log() throws Exception {
    try (Stream<Path> runs = Files.list(directory.resolve("runs"))) {
      return runs.findFirst().orElseThrow().resolve("run.log");
    }
  }

  /** A node whose program speaks the protocol before this one's. */
  private NodeJvm older(String name, List<String> arguments) throws Exception {
    return start(name, List.of(OLDER), arguments);
  }

  private NodeJvm learner(List<String> options) throws Exception {
    List<String> arguments = new ArrayList<>(List.of("node", "--roles", "learner,gateway"));
    arguments.addAll(List.of("--config", "quickstart"));
    arguments.addAll(TinyModel.run(model, directory, 3));
    arguments.add("cluster.port=" + seed);
    return start("learner", options, arguments);
  }

  private NodeJvm start(String name, List<String> options, List<String> arguments)
      throws Exception {
    List<String> all = new ArrayList<>(arguments);
    all.add("run.model=\"" + model + "\"");
    all.add("cluster.seed-nodes=[\"127.0.0.1:" + seed + "\"]");
    return started(NodeJvm.start(NodeJvm.Host.HERE, directory, name, options, all));
  }

  /** A second start of a run that is refused leaves nothing for {@code --continue} to pick. */
  @Test
  void aRefusedStartLeavesNoDirectory() throws Exception {
    NodeJvm learner = learner();
    learner.await("it is there", PATIENCE, () -> learner.up() == 1);
    NodeJvm second = start("second", NodeJvm.freePort());

    assertThat(second.exit(PATIENCE)).as(second.output()).isEqualTo(2);
    assertThat(second.output()).contains("learner, beside the learner at");
    try (Stream<Path> runs = Files.list(directory.resolve("runs"))) {
      assertThat(runs).hasSize(1);
    }
  }

  private void refused(NodeJvm learner, Mismatch mismatch) throws Exception {
    NodeJvm node = node("other", List.of("node", "--roles", mismatch.roles(), mismatch.override()));
    assertThat(node.exit(PATIENCE)).as(node.output()).isEqualTo(2);
    assertThat(node.output()).contains(mismatch.refusal());
    assertThat(learner.alive()).isTrue();
  }

  /** Its own gateway, no sampler: it waits for labels. */
  private NodeJvm learner() throws Exception {
    return start("learner", seed);
  }

  private NodeJvm start(String name, int port) throws Exception {
    List<String> settings = new ArrayList<>(TinyModel.run(model, directory, 3));
    settings.add("cluster.port=" + port);
    settings.add("cluster.seed-nodes=[\"127.0.0.1:%d\",\"127.0.0.1:%d\"]".formatted(seed, port));
    return started(NodeJvm.node(directory, name, "learner,gateway", settings));
  }

  /** Without the run's settings: what it needs is the model, and the way to the run. */
  private NodeJvm node(String name, List<String> arguments) throws Exception {
    List<String> all = new ArrayList<>(arguments);
    if (arguments.stream().noneMatch(it -> it.startsWith("run.model="))) {
      all.add("run.model=\"" + model + "\"");
    }
    all.add("cluster.seed-nodes=[\"127.0.0.1:" + seed + "\"]");
    return started(NodeJvm.start(directory, name, all));
  }

  /** The model with one byte of its weights changed. */
  private Path otherWeights() throws Exception {
    Path other = directory.resolve("other-model");
    if (!Files.exists(other)) {
      Files.createDirectory(other);
      try (Stream<Path> files = Files.list(model)) {
        for (Path file : files.toList()) {
          Files.copy(file, other.resolve(file.getFileName()));
        }
      }
      Path weights = other.resolve("model.safetensors");
      byte[] bytes = Files.readAllBytes(weights);
      bytes[bytes.length - 1] ^= 1;
      Files.write(weights, bytes);
    }
    return other;
  }

  private NodeJvm started(NodeJvm node) {
    started.add(node);
    return node;
  }
}

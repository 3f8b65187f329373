package plaudit.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.CookieManager;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
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
import plaudit.endtoend.TinyModel;
import plaudit.node.run.MetricsLog;

/** A run on several processes, with {@code kill -9} and SIGTERM; a tiny random model. */
class NodesTest {

  private static final Duration PATIENCE = Duration.ofMinutes(3);

  /**
   * What must not be exceeded on cores that others use too. On quiet ones a killed sampler's work
   * is dealt again within 5 s and a newcomer works within 10 s: docs/operations.md.
   */
  private static final Duration SLACK = Duration.ofMinutes(1);

  private static final int SIGTERM = 128 + 15;
  private static final String ROLLOUTS = "plaudit_sampler_rollouts_total";
  private static final String RECALLED = "plaudit_buffer_recalled_batches_total";

  /** Two grants of questions, 4 prompts with 4 responses each: all that a sampler may hold. */
  private static final int ALL_IT_MAY_HOLD = 32;

  private final List<NodeJvm> started = new ArrayList<>();

  @TempDir private Path directory;
  private Path model;
  private int seed;

  @BeforeEach
  void makeATinyModel() throws Exception {
    model = TinyModel.in(directory);
    seed = NodeJvm.freePort();
  }

  @AfterEach
  void killWhoIsLeft() {
    started.forEach(NodeJvm::close);
  }

  @Test
  void aRunOnFourNodesFinishesAndFetchesItsWeightsOverHttp() throws Exception {
    NodeJvm learner = learner("learner,gateway", 3);
    List<NodeJvm> others =
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
    assertThat(others.get(2).meter("plaudit_scorer_rollouts_total"))
        .isGreaterThanOrEqualTo(3 * 8.0);
  }

  /** It could never be sent, and the run would wait for ever. */
  @Test
  void aMessageThatIsTooLargeEndsTheRunAndIsNamed() throws Exception {
    String[] small = {
      "wire.largest-message=32 KiB",
      "experience.question-responses=128",
      "experience.question-limit=128"
    };
    NodeJvm learner = learner("learner,gateway", 3, small);
    node("sampler", "sampler", small);
    node("scorer", "scorer", small);

    assertThat(learner.exit(PATIENCE)).as(learner.output()).isEqualTo(2);
    assertThat(learner.output())
        .containsPattern(
            "node plaudit@127.0.0.1:\\d+: plaudit.wire.largest-message: Score of \\d+ bytes"
                + " \\(expected: at most 32\\d+\\); make experience.grant-prompts or");
  }

  /** Nobody has to find out that it is gone: it says so while it still can. */
  @Test
  void aSamplerThatIsToldToEndHandsBackWhatItHolds() throws Exception {
    NodeJvm learner = learner("learner,gateway", 3);
    NodeJvm leaves = node("leaves", "sampler");
    learner.await("it holds work", PATIENCE, () -> full(leaves));

    leaves.terminate();
    assertThat(leaves.exit(PATIENCE)).as(leaves.output()).isEqualTo(SIGTERM);

    learner.await("it is gone", PATIENCE, () -> learner.up() == 1);
    assertThat(learner.meter(RECALLED)).as("grants dealt again").isEqualTo(2);
    assertThat(learner.output()).doesNotContain("cannot be reached", "UNREACHABLE");
  }

  /** Without a scorer a sampler keeps what it was granted: that it holds work is certain. */
  @Test
  @Tag("slow")
  void samplersComeAndGoAndTheRunLosesNothing(TestReporter reporter) throws Exception {
    NodeJvm learner = learner("learner,gateway", 3);
    NodeJvm stays = node("stays", "sampler");
    NodeJvm leaves = node("leaves", "sampler");
    learner.await("both hold work", PATIENCE, () -> full(stays) && full(leaves));

    leaves.terminate();
    Duration left = learner.await("handed back", SLACK, () -> learner.meter(RECALLED) == 2);
    assertThat(leaves.exit(PATIENCE)).as(leaves.output()).isEqualTo(SIGTERM);

    NodeJvm killed = node("killed", "sampler");
    Duration joined = learner.await("productive", PATIENCE, () -> killed.meter(ROLLOUTS) > 0);
    learner.await("holds work", PATIENCE, () -> full(killed));

    killed.kill();
    Duration recalled = learner.await("dealt again", SLACK, () -> learner.meter(RECALLED) == 4);

    NodeJvm scorer = node("scorer", "scorer");
    Duration scored =
        learner.await(
            "scores or asks",
            PATIENCE,
            () ->
                scorer.meter("plaudit_scorer_rollouts_total")
                        + scorer.meter("plaudit_scorer_questions_total")
                    > 0);
    assertThat(learner.exit(PATIENCE)).as(learner.output()).isZero();
    assertThat(updates(theRun())).hasSize(3);
    assertThat(scorer.meter("plaudit_scorer_rollouts_total")).isGreaterThanOrEqualTo(3 * 8.0);

    reporter.publishEntry(
        Map.of(
            "SIGTERM to work handed back", left.toString(),
            "sampler's start to its first rollouts", joined.toString(),
            "kill -9 to work dealt again", recalled.toString(),
            "scorer's start to its first batch", scored.toString()));
    assertThat(left).isLessThan(SLACK);
    assertThat(joined).isLessThan(SLACK);
    assertThat(recalled).isLessThan(SLACK);
    assertThat(scored).isLessThan(SLACK);
  }

  @Test
  @Tag("slow")
  void aLearnerThatWasKilledGoesOnFromItsCheckpointAndItsWorkersFindIt(TestReporter reporter)
      throws Exception {
    int updates = 300;
    NodeJvm learner = learner("learner,gateway", updates, "policy.checkpoint-every=5");
    NodeJvm sampler = node("sampler", "sampler");
    NodeJvm scorer = node("scorer", "scorer");
    learner.await("learning", PATIENCE, () -> learner.meter("plaudit_policy_updates_total") > 5);

    learner.kill();
    Path run = theRun();
    NodeJvm next =
        started(
            NodeJvm.start(
                directory,
                "next",
                List.of("node", "--roles", "learner,gateway", "--resume", run.toString())));
    double before = sampler.meter(ROLLOUTS);
    Duration back =
        next.await(
            "the workers are back", PATIENCE, () -> next.meter("plaudit_policy_updates_total") > 0);
    assertThat(next.exit(PATIENCE)).as(next.output()).isZero();

    assertThat(sampler.meter(ROLLOUTS)).isGreaterThan(before);
    assertThat(scorer.status()).isPresent();
    List<Double> made =
        updates(run).stream().map(line -> line.getOrDefault("update", -1).doubleValue()).toList();
    assertThat(made.get(made.size() - 1)).isEqualTo(updates);
    reporter.publishEntry("new learner's start to its first update", back.toString());
  }

  @Test
  @Tag("slow")
  void aGatewayOnItsOwnServesLabelersAndTheConsoleAndASecondOneNeedsPostgres(TestReporter reporter)
      throws Exception {
    int door = NodeJvm.freePort();
    String key = "a-key-of-at-least-24-characters";
    String[] store = {
      "gateway.store.url=\"jdbc:sqlite:" + directory.resolve("labels.sqlite") + "\"",
      "gateway.vendors=[{name=acme, key=\"" + key + "\"}]"
    };
    NodeJvm learner = learner("learner,sampler,scorer", 3);
    learner.await("the learner is there", PATIENCE, () -> learner.up() == 1);
    NodeJvm gateway = node("gateway", "gateway", store[0], store[1], "gateway.port=" + door);
    Duration serves =
        gateway.await(
            "lets people label",
            PATIENCE,
            () -> NodeJvm.get("http://127.0.0.1:" + door + "/readyz", "Accept", "*/*").isPresent());
    reporter.publishEntry("gateway's start to its readiness", serves.toString());
    assertThat(serves).isLessThan(SLACK);
    learner.await("the gateway is there", PATIENCE, () -> learner.up() == 2);

    NodeJvm second =
        node(
            "second",
            "gateway",
            "gateway.store.url=\"jdbc:sqlite:" + directory.resolve("b.sqlite") + "\"");
    assertThat(second.exit(PATIENCE)).isEqualTo(2);
    assertThat(second.output())
        .contains(
            "plaudit.gateway.store.url: jdbc:sqlite:", "beside the gateway at plaudit@127.0.0.1:");

    gateway.await(
        "the console shows the learner's run",
        PATIENCE,
        () -> console(door).contains("\"policyVersion\""));
    started(
        NodeJvm.start(
            directory,
            "labeler",
            List.of(
                "labeler",
                "--url",
                "http://127.0.0.1:" + door,
                "--key",
                key,
                "--labelers",
                "3",
                "--lexicon",
                TinyModel.lexicon(directory).toString())));
    assertThat(learner.exit(PATIENCE)).as(learner.output()).isZero();
    assertThat(updates(theRun())).hasSize(3);
  }

  /** What a person's browser is told of the run; it has a session since it has seen the page. */
  private static String console(int door) {
    HttpClient browser = HttpClient.newBuilder().cookieHandler(new CookieManager()).build();
    String body = "";
    for (String path : List.of("/console", "/v1/run/status")) {
      URI url = URI.create("http://127.0.0.1:" + door + path);
      body =
          browser
              .sendAsync(HttpRequest.newBuilder(url).build(), BodyHandlers.ofString())
              .thenApply(HttpResponse::body)
              .exceptionally(Throwable::toString)
              .join();
    }
    return body;
  }

  private static boolean full(NodeJvm sampler) {
    return sampler.meter(ROLLOUTS) >= ALL_IT_MAY_HOLD;
  }

  private NodeJvm learner(String roles, int updates, String... more) throws Exception {
    List<String> settings = new ArrayList<>(TinyModel.run(model, directory, updates));
    settings.addAll(List.of(more));
    settings.add("cluster.port=" + seed);
    settings.add("cluster.seed-nodes=[\"127.0.0.1:" + seed + "\"]");
    return started(NodeJvm.node(directory, "learner", roles, settings));
  }

  private NodeJvm node(String name, String roles, String... more) throws Exception {
    List<String> settings = new ArrayList<>(TinyModel.run(model, directory, 3));
    settings.addAll(List.of(more));
    settings.add("run.data=\"\"");
    settings.add("cluster.seed-nodes=[\"127.0.0.1:" + seed + "\"]");
    return started(NodeJvm.node(directory, name, roles, settings));
  }

  private NodeJvm started(NodeJvm node) {
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

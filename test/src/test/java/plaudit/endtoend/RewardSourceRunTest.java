package plaudit.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs whose scores come from elsewhere than people's labels. */
class RewardSourceRunTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** A scorer tells its sources' scores twice a second, and an update takes some 70 ms. */
  private static final int UPDATES = 20;

  @TempDir private Path directory;
  private Path model;

  @BeforeEach
  void makeATinyModel() throws Exception {
    model = TinyModel.in(directory);
  }

  @Test
  void aRuleNeedsNoLabelAndAReplayComputesItsScoresAgain() throws Exception {
    Ran ran =
        run(
            UPDATES,
            "reward.source=[{kind=rule, name=vowels, pattern=\"[aeiou]\", measure=share},"
                + " {kind=rule, name=short, length=4, weight=0.5}]",
            "experience.journal.keep=all");

    assertThat(ran.code()).as(ran.err()).isZero();
    assertThat(ran.err()).doesNotContain("Label at", "waiting for labels");
    List<JsonNode> lines = metrics();
    assertThat(lines).hasSize(UPDATES);
    assertThat(lines)
        .allSatisfy(line -> assertThat(line.path("labels").asInt()).isZero())
        .anySatisfy(
            line -> {
              assertThat(line.path("reward/source/vowels").asDouble()).isPositive();
              assertThat(line.path("reward/source/short").asDouble()).isNegative();
            });
    assertThat(Files.exists(theRun().resolve("reward"))).as("no reward model").isFalse();
    assertThat(ran.err()).as("by the rules that it was rewarded by").contains("Verdict ");

    Ran replay = Ran.plaudit(directory, "replay", theRun().toString(), "--json");
    assertThat(replay.code()).as(replay.err()).isZero();
    JsonNode outcome = JSON.readTree(replay.out());
    assertThat(outcome.path("equal").asBoolean()).isTrue();
    assertThat(outcome.path("policies").asInt()).isEqualTo(UPDATES + 1);
  }

  @Test
  void aRuleOnTopOfPeopleIsAddedToTheRunsRewardModel() throws Exception {
    Ran ran =
        run(UPDATES, "reward.source=run,rule", "reward.rule.length=4", "reward.rule.weight=0.5");

    assertThat(ran.code()).as(ran.err()).isZero();
    assertThat(ran.err()).contains("Label at");
    assertThat(Files.exists(theRun().resolve("reward"))).isTrue();
    assertThat(metrics())
        .filteredOn(line -> line.has("update"))
        .anySatisfy(line -> assertThat(line.has("reward/source/run")).isTrue());
  }

  @Test
  @Tag("slow")
  void aScorerThatDiesStopsTheRunWithACheckpointAndTheNextOneGoesOn() throws Exception {
    AtomicInteger answers = new AtomicInteger(3);
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/score",
        exchange -> {
          JsonNode body = JSON.readTree(exchange.getRequestBody().readAllBytes());
          List<Integer> rewards = new ArrayList<>();
          body.path("responses").forEach(it -> rewards.add(it.textValue().length()));
          boolean alive = answers.getAndDecrement() > 0;
          byte[] bytes =
              (alive ? "{\"rewards\": " + rewards + "}" : "I am tired")
                  .getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
    server.start();
    try {
      String url = "http://127.0.0.1:" + server.getAddress().getPort() + "/score";
      Ran died =
          run(
              4,
              "reward.source=remote",
              "reward.remote.url=\"" + url + "\"",
              "reward.remote.backoff=20ms",
              "reward.remote.retries=2",
              "reward.give-up-after=3s");

      assertThat(died.code()).as(died.err()).isEqualTo(1);
      assertThat(died.err())
          .contains(
              "no scores for",
              "remote: " + url + ": no JSON: I am tired",
              "No verdict: the run's reward gave no scores",
              "run --resume");
      int made = metrics().size();
      assertThat(made).isLessThan(4);

      answers.set(Integer.MAX_VALUE);
      Ran went = Ran.plaudit(directory, "run", "--resume", theRun().toString());
      assertThat(went.code()).as(went.err()).isZero();
      List<JsonNode> lines = metrics();
      assertThat(lines.get(lines.size() - 1).path("update").asInt()).isEqualTo(4);
      assertThat(lines.get(lines.size() - 1).path("reward").asDouble())
          .isNotCloseTo(0, within(1e-6));
    } finally {
      server.stop(0);
    }
  }

  @Test
  void aRuleThatCannotBeReadIsOneLineAndNothingIsWritten() throws Exception {
    Ran ran = run(1, "reward.source=rule", "reward.rule.pattern=[ab");

    assertThat(ran.code()).isEqualTo(2);
    assertThat(ran.err().lines())
        .containsExactly(
            "plaudit: plaudit.reward.rule.pattern: [ab (expected: a regular expression of Java;"
                + " Unclosed character class at index 2)");
    assertThat(directory.resolve("runs")).doesNotExist();
  }

  private Ran run(int updates, String... more) throws Exception {
    List<String> line = new ArrayList<>(List.of("run", "--config", "quickstart"));
    line.addAll(TinyModel.run(model, directory, updates));
    line.add("telemetry.port=0");
    line.add("run.best-of=4");
    line.addAll(List.of(more));
    return Ran.plaudit(directory, line.toArray(String[]::new));
  }

  private List<JsonNode> metrics() throws Exception {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : Files.readAllLines(theRun().resolve("metrics.jsonl"))) {
      lines.add(JSON.readTree(line));
    }
    return lines;
  }

  private Path theRun() throws Exception {
    try (Stream<Path> runs = Files.list(directory.resolve("runs"))) {
      return runs.findFirst().orElseThrow();
    }
  }
}

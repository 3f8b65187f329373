package plaudit.rewards;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import plaudit.json.JsonFiles;
import plaudit.model.Compute;
import plaudit.rewards.StubServer.Reply;
import plaudit.scoring.RewardSource;
import plaudit.scoring.RunReward;
import plaudit.task.Task;
import plaudit.task.TruncationRule;
import plaudit.tokens.Tokens;

class LlmJudgeTest {

  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final SourceMonitor monitor = new SourceMonitor(meters, InstantSource.system());
  private final List<AutoCloseable> open = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable one : open) {
      one.close();
    }
  }

  @Test
  void aMarkByTheRubricIsBroughtToZeroToOne() throws Exception {
    StubServer server =
        server(
            text ->
                text.contains("good")
                    ? "It has 2 faults of 5.\nScore: 10"
                    : text.contains("fair") ? "5.5/10" : "**Score:** 1");
    RewardSource judge = judge(server, "rubric = \"Be kind.\"");

    assertThat(Asked.scores(judge, "good", "fair", "bad")).containsExactly(1f, 0.5f, 0f);
    JsonNode request = server.bodies.get(0);
    assertThat(server.paths).containsOnly("/v1/chat/completions");
    assertThat(request.path("model").textValue()).isEqualTo("tiny-judge");
    assertThat(request.path("temperature").intValue()).isZero();
    assertThat(request.path("max_tokens").intValue()).isEqualTo(256);
    assertThat(request.at("/messages/0/role").textValue()).isEqualTo("system");
    assertThat(request.at("/messages/0/content").textValue())
        .startsWith("Be kind.")
        .contains("'Score: N'", "from 1 (worst) to 10 (best)");
    assertThat(request.at("/messages/1/role").textValue()).isEqualTo("user");
    assertThat(request.at("/messages/1/content").textValue()).startsWith("Query:\n<<<\nq");
  }

  @Test
  void aReplyWithoutAMarkIsTheWorstAndIsCounted() throws Exception {
    StubServer server = server(text -> text.contains("odd") ? "I cannot say." : "Score: 4");
    RewardSource judge = judge(server, "");

    assertThat(Asked.scores(judge, "odd", "even")).containsExactly(0f, 1 / 3f);
    assertThat(meters.get("plaudit.reward.unreadable").counter().count()).isEqualTo(1);
    assertThat(monitor.trouble()).isEmpty();
  }

  @Test
  void aBatchOfRepliesWithoutAMarkIsLost() throws Exception {
    RewardSource judge = judge(server(text -> "Score: 99"), "");

    assertThatThrownBy(() -> Asked.scores(judge, "a", "b"))
        .hasMessageContaining("2 replies and not one with a score");
    assertThat(monitor.trouble()).isPresent();
  }

  @Test
  void aBodyThatIsNoChatCompletionIsAskedForAgain() throws Exception {
    List<String> bodies = new ArrayList<>(List.of("{\"choices\": []}", "{\"error\": \"busy\"}"));
    StubServer server =
        new StubServer(
            body -> bodies.isEmpty() ? completion("Score: 10") : Reply.ok(bodies.remove(0)));
    open.add(server);

    assertThat(Asked.scores(judge(server, "retries = 2"), "a")).containsExactly(1f);
  }

  @Test
  void inPairsOneThatPrefersTheFirstPlacePrefersNobody() throws Exception {
    RewardSource judge = judge(server(text -> "Better: A"), "mode = pairwise");

    assertThat(Asked.scores(judge, Asked.responses(3, "a", "b", "c")))
        .containsExactly(0.5f, 0.5f, 0.5f);
  }

  @Test
  void inPairsTheShareOfWinsAgainstTheNeighboursIsTheScore() throws Exception {
    // The longer text is better.
    StubServer server =
        server(
            text -> {
              String[] parts = text.split("Response [AB]:", -1);
              return "Better: " + (parts[1].length() > parts[2].length() ? "A" : "B");
            });
    RewardSource judge = judge(server, "mode = pairwise");

    assertThat(Asked.scores(judge, Asked.responses(3, "a", "bb", "ccc")))
        .containsExactly(0f, 0.5f, 1f);
    assertThat(server.bodies).as("three pairs in both orders").hasSize(6);
    assertThat(Asked.scores(judge, Asked.responses(2, "a", "bb", "cc", "d")))
        .containsExactly(0f, 1f, 1f, 0f);
  }

  private StubServer server(Function<String, String> replies) throws Exception {
    StubServer server =
        new StubServer(
            body -> completion(replies.apply(body.at("/messages/1/content").textValue())));
    open.add(server);
    return server;
  }

  private static Reply completion(String content) {
    ObjectNode answer = JsonFiles.newObject();
    answer
        .putArray("choices")
        .addObject()
        .put("index", 0)
        .put("finish_reason", "stop")
        .putObject("message")
        .put("role", "assistant")
        .put("content", content);
    return Reply.ok(answer.toString());
  }

  private RewardSource judge(StubServer server, String more) {
    SourceSettings settings =
        SourceSettingsTest.read(
            "source = judge, judge { url = \"%s\", model = tiny-judge, retries = 0, backoff = 1ms, %s }"
                .formatted(server.url("/v1/"), more));
    Supplier<RunReward> none =
        () -> {
          throw new IllegalStateException("not asked for");
        };
    RewardSource judge =
        new RewardSources(
                new Task(Tokens.of(), Tokens.of(), 3, 1, TruncationRule.NONE, true),
                Compute.cpu(1),
                () -> "",
                KnownAnswers.NONE,
                monitor)
            .make(settings, none)
            .source();
    open.add(judge);
    return judge;
  }
}

package plaudit.rewards;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import plaudit.input.InvalidInputException;
import plaudit.rewards.SourceSettings.Http;
import plaudit.rewards.StubServer.Reply;

class RemoteScorerTest {

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
  void itAsksAsOpenRlhfDoesInBatchesAndKeepsTheOrder() throws Exception {
    StubServer server = server(RemoteScorerTest::lengths);
    RemoteScorer scorer = scorer(server, 2, 4, 0, "");

    assertThat(Asked.scores(scorer, "a", "bbb", "cc")).containsExactly(1f, 3f, 2f);
    assertThat(server.bodies).hasSize(2);
    JsonNode first =
        server.bodies.stream().filter(it -> it.path("query").size() == 2).findFirst().orElseThrow();
    assertThat(first)
        .hasToString(
            "{\"query\":[\"q0 a\",\"q1 bbb\"],\"prompts\":[\"q0\",\"q1\"],"
                + "\"responses\":[\"a\",\"bbb\"],\"labels\":[null,\"yes\"]}");
    assertThat(server.keys).containsOnly("null");
    assertThat(scorer.repeats()).as("a journal's scores are taken").isFalse();
  }

  @Test
  void theKeyOfTheVariableIsSentAndNotShown() throws Exception {
    String path = System.getenv("PATH");
    StubServer server = server(body -> new Reply(401, "not " + path));
    RemoteScorer scorer = scorer(server, 2, 1, 0, "PATH");

    assertThatThrownBy(() -> Asked.scores(scorer, "a"))
        .isInstanceOf(ExecutionException.class)
        .hasMessageContaining("HTTP 401: not ***")
        .hasMessageNotContaining(path);
    assertThat(server.keys).containsExactly("Bearer " + path);
  }

  @Test
  void aVariableThatIsNotSetIsRefused() throws Exception {
    StubServer server = server(RemoteScorerTest::lengths);

    assertThatThrownBy(() -> scorer(server, 1, 1, 0, "PLAUDIT_NO_SUCH_VARIABLE"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(
            "plaudit.reward.remote.key-env: PLAUDIT_NO_SUCH_VARIABLE"
                + " (expected: a variable that is set, with the key)");
  }

  @Test
  void noMoreRequestsAreUnderWayThanAllowedAndSeveralBatchesOverlap() throws Exception {
    CountDownLatch both = new CountDownLatch(2);
    StubServer server =
        server(
            body -> {
              both.countDown();
              await(both);
              return lengths(body);
            });
    RemoteScorer scorer = scorer(server, 1, 2, 0, "");

    CompletableFuture<float[]> first = Asked.ask(scorer, Asked.responses(1, "a", "bb", "ccc"));
    CompletableFuture<float[]> second = Asked.ask(scorer, Asked.responses(1, "dddd"));

    assertThat(first.get(30, TimeUnit.SECONDS)).containsExactly(1, 2, 3);
    assertThat(second.get(30, TimeUnit.SECONDS)).containsExactly(4);
    assertThat(server.most).hasValue(2);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "[]",
        "no JSON",
        "",
        "{\"rewards\": [1, 2, 3]}",
        "{\"rewards\": \"high\"}",
        "{\"rewards\": [\"high\"]}",
        "{\"rewards\": [1e99]}",
        "{\"rewards\": [null]}"
      })
  void nonsenseIsAskedForAgainAndThenOnlyThisBatchIsLost(String nonsense) throws Exception {
    AtomicInteger asked = new AtomicInteger();
    StubServer server =
        server(body -> asked.incrementAndGet() <= 3 ? Reply.ok(nonsense) : lengths(body));
    RemoteScorer scorer = scorer(server, 8, 1, 2, "");

    assertThatThrownBy(() -> Asked.scores(scorer, "a")).isInstanceOf(ExecutionException.class);
    assertThat(asked).hasValue(3);
    assertThat(monitor.trouble().orElseThrow().words()).startsWith("remote: http://127.0.0.1:");
    assertThat(meters.get("plaudit.reward.failing").gauge().value()).isEqualTo(1);
    assertThat(meters.get("plaudit.reward.failures").counter().count()).isEqualTo(3);

    assertThat(Asked.scores(scorer, "bb")).containsExactly(2f);
    assertThat(monitor.trouble()).isEmpty();
    assertThat(meters.get("plaudit.reward.failing").gauge().value()).isZero();
  }

  @Test
  void aServerThatFailsAtTimesCostsNothingButTime() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    StubServer server =
        server(body -> asked.incrementAndGet() % 2 == 1 ? new Reply(503, "later") : lengths(body));
    RemoteScorer scorer = scorer(server, 1, 1, 1, "");

    assertThat(Asked.scores(scorer, "a", "bb")).containsExactly(1f, 2f);
    assertThat(asked).hasValue(4);
  }

  @Test
  void aServerThatIsSilentIsGivenUpInTime() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    open.add(never::countDown);
    StubServer server =
        server(
            body -> {
              await(never);
              return lengths(body);
            });
    RemoteScorer scorer = scorer(server, 1, 1, 0, "", Duration.ofMillis(200));

    assertThatThrownBy(() -> Asked.scores(scorer, "a"))
        .hasMessageContaining("HttpTimeoutException");
  }

  @Test
  void aServerThatIsNotThereIsSaid() throws Exception {
    StubServer server = server(RemoteScorerTest::lengths);
    server.close();
    RemoteScorer scorer = scorer(server, 1, 1, 1, "");

    assertThatThrownBy(() -> Asked.scores(scorer, "a")).hasMessageContaining("ConnectException");
    assertThat(monitor.trouble()).isPresent();
  }

  private static Reply lengths(JsonNode body) {
    List<Integer> lengths = new ArrayList<>();
    body.path("responses").forEach(it -> lengths.add(it.textValue().length()));
    return Reply.ok("{\"rewards\": " + lengths + ", \"other\": 1}");
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private StubServer server(Function<JsonNode, Reply> answers) throws Exception {
    StubServer server = new StubServer(answers);
    open.add(server);
    return server;
  }

  private RemoteScorer scorer(
      StubServer server, int batch, int inFlight, int retries, String keyEnv) {
    return scorer(server, batch, inFlight, retries, keyEnv, Duration.ofSeconds(20));
  }

  private RemoteScorer scorer(
      StubServer server, int batch, int inFlight, int retries, String keyEnv, Duration timeout) {
    Http http =
        new Http(
            server.url("/get_reward"), keyEnv, timeout, retries, Duration.ofMillis(1), inFlight);
    HttpCalls calls = new HttpCalls("remote", "plaudit.reward.remote", http, http.url(), monitor);
    RemoteScorer scorer =
        new RemoteScorer(
            calls, batch, new KnownAnswers(Map.of(Asked.tokens("q1 "), List.of("yes"))));
    open.add(scorer);
    return scorer;
  }
}

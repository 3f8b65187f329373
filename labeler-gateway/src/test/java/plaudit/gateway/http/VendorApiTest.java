package plaudit.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;
import plaudit.gateway.json.Json;
import plaudit.gateway.store.Comparisons;
import plaudit.gateway.store.Labeler;
import plaudit.gateway.store.LeaseOutcome;
import plaudit.gateway.store.StoreSettings;
import plaudit.gateway.store.Stores;

class VendorApiTest {

  private final Path directory;
  private TestGateway gateway;

  VendorApiTest(@TempDir Path directory) {
    this.directory = directory;
  }

  @BeforeEach
  void open() {
    gateway = new TestGateway(directory);
  }

  @AfterEach
  void close() {
    gateway.close();
  }

  @Test
  void aVendorTakesATaskAndItsJudgmentIsALabel() {
    gateway.labels.ask(Comparisons.some("c", 1));
    JsonNode lease = gateway.lease();
    assertThat(lease.at("/task/query/text").asText()).isEqualTo("query of c-0");
    assertThat(lease.at("/task/choices")).hasSize(4);
    assertThat(lease.toString())
        .doesNotContain("policyVersion")
        .doesNotContain("index")
        .doesNotContain("\"c-0\"");

    TestGateway.Answer answer =
        gateway.acme("/v1/judgments", TestGateway.judgment(lease, 0), "Idempotency-Key", "k1");
    assertThat(answer.status()).isEqualTo(201);
    assertThat(answer.text("disposition")).isEqualTo("ADMITTED");
    assertThat(answer.json().path("late").isBoolean()).isTrue();
    assertThat(gateway.acme(answer.header("Location")).json()).isEqualTo(answer.json());
    assertThat(gateway.labels.labelsAfter(0, 10)).hasSize(1);
    assertThat(
            gateway
                .registry
                .get("plaudit.gateway.judgments")
                .tag("disposition", "admitted")
                .counter()
                .count())
        .isEqualTo(1);
  }

  @Test
  void theSameRequestAgainIsAnsweredTheSame() {
    gateway.labels.ask(Comparisons.some("c", 1));
    JsonNode lease = gateway.lease();
    Map<String, Object> body = TestGateway.judgment(lease, 0);
    TestGateway.Answer first = gateway.acme("/v1/judgments", body, "Idempotency-Key", "\"k\"");
    TestGateway.Answer again = gateway.acme("/v1/judgments", body, "Idempotency-Key", "k");
    assertThat(again.status()).isEqualTo(200);
    assertThat(again.header("Idempotency-Replayed")).isEqualTo("true");
    assertThat(again.json()).isEqualTo(first.json());

    Map<String, Object> other = TestGateway.judgment(lease, 1);
    assertProblem(
        gateway.acme("/v1/judgments", other, "Idempotency-Key", "k"),
        422,
        "idempotency-key-reused");
    TestGateway.Answer conflict = gateway.acme("/v1/judgments", other, "Idempotency-Key", "k2");
    assertProblem(conflict, 409, "judgment-conflict");
    assertThat(conflict.text("existing")).isEqualTo(first.header("Location"));

    TestGateway.Answer amended =
        gateway.acme(
            conflict.text("amend"),
            Map.of("labelerId", "lb", "choiceId", other.get("choiceId")),
            "Idempotency-Key",
            "k3");
    assertThat(amended.status()).isEqualTo(201);
    assertThat(amended.json().path("revision").asInt()).isEqualTo(2);
  }

  @Test
  void aSurplusJudgmentIsKeptWith202() {
    gateway.labels.ask(Comparisons.some("c", 1));
    JsonNode lease = gateway.lease();
    gateway.acme("/v1/leases/" + lease.path("leaseId").asText() + ":release", "");
    JsonNode second =
        gateway.acme("/v1/leases", Map.of("labelerId", "second")).json().path("leases").path(0);
    gateway.acme("/v1/judgments", TestGateway.judgment(lease, 0), "Idempotency-Key", "1");
    Map<String, Object> late = new HashMap<>(TestGateway.judgment(second, 0));
    late.put("labelerId", "second");
    TestGateway.Answer surplus = gateway.acme("/v1/judgments", late, "Idempotency-Key", "2");
    assertThat(surplus.status()).isEqualTo(202);
    assertThat(surplus.text("disposition")).isEqualTo("SURPLUS");
  }

  @Test
  void anotherVendorSeesNothing() {
    gateway.labels.ask(Comparisons.some("c", 2));
    JsonNode lease = gateway.lease();
    TestGateway.Answer mine =
        gateway.acme("/v1/judgments", TestGateway.judgment(lease, 0), "Idempotency-Key", "k");
    String[] other = {"Authorization", "Bearer " + TestGateway.OTHER};
    String[] keyed = {other[0], other[1], "Idempotency-Key", "k"};
    String lease2 = gateway.lease().path("leaseId").asText();
    assertProblem(gateway.get(mine.header("Location"), other), 404, "not-found");
    assertProblem(gateway.post("/v1/leases/" + lease2 + ":extend", "", other), 404, "not-found");
    assertProblem(gateway.post("/v1/leases/" + lease2 + ":release", "", other), 404, "not-found");
    assertProblem(
        gateway.post("/v1/judgments", Json.write(TestGateway.judgment(lease, 0)), keyed),
        404,
        "not-found");
    assertProblem(
        gateway.post(
            mine.header("Location") + ":amend",
            "{\"labelerId\":\"lb\",\"verdict\":\"TIE\"}",
            keyed),
        404,
        "not-found");
    assertProblem(
        gateway.post(
            "/v1/tasks/" + lease.at("/task/taskId").asText() + ":skip",
            "{\"labelerId\":\"lb\"}",
            other),
        404,
        "not-found");
    assertThat(gateway.get("/v1/judgments", other).json().path("judgments")).isEmpty();
    assertThat(gateway.get("/v1/vendors/me/stats", other).json().at("/counts/judgments").asInt())
        .isZero();
  }

  @Test
  void aBatchIsAnsweredItemByItem() {
    gateway.labels.ask(Comparisons.some("c", 3));
    List<Object> items = new ArrayList<>();
    JsonNode leases =
        gateway.acme("/v1/leases", Map.of("labelerId", "lb", "max", 3)).json().path("leases");
    leases.forEach(lease -> items.add(TestGateway.judgment(lease, 1)));
    items.add(Map.of("nonsense", true));
    items.add(items.get(0));
    items.add(null);
    items.add(7);
    items.add(with(items.get(1), "labelerId", "another"));
    items.add(with(items.get(1), "labelerId", "n\0l"));
    items.add(with(items.get(2), "choiceId", "ch_other"));
    JsonNode results =
        gateway.acme("/v1/judgments:batch", Map.of("judgments", items)).json().path("results");
    assertThat(results)
        .extracting(result -> result.path("status").asInt())
        .containsExactly(201, 201, 201, 400, 200, 400, 400, 403, 422, 422);
    assertThat(gateway.labels.labelsAfter(0, 10)).hasSize(3);
    assertThat(results.get(3).at("/problem/type").asText())
        .isEqualTo("/problems/malformed-request");

    assertProblem(
        gateway.acme("/v1/judgments:batch", Map.of("judgments", List.of())),
        400,
        "malformed-request");
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> with(Object body, String field, Object value) {
    Map<String, Object> other = new HashMap<>((Map<String, Object>) body);
    other.put(field, value);
    return other;
  }

  @Test
  void aLeaseIsRefusedToAnotherLabelerOfTheVendor() {
    gateway.labels.ask(Comparisons.some("c", 1));
    JsonNode lease = gateway.lease();
    TestGateway.Answer answer =
        gateway.acme(
            "/v1/judgments",
            with(TestGateway.judgment(lease, 0), "labelerId", "ann"),
            "Idempotency-Key",
            "k");
    assertProblem(answer, 403, "lease-of-another-labeler");
    assertThat(answer.text("pointer")).isEqualTo("/labelerId");
    Map<String, Object> ann = Map.of("labelerId", "ann");
    String path = "/v1/leases/" + lease.path("leaseId").asText();
    String task = "/v1/tasks/" + lease.at("/task/taskId").asText();
    assertProblem(gateway.acme(path + ":extend", ann), 403, "lease-of-another-labeler");
    assertProblem(gateway.acme(path + ":release", ann), 403, "lease-of-another-labeler");
    assertProblem(gateway.acme(task + ":skip", ann), 403, "lease-of-another-labeler");
    assertThat(gateway.acme(path + ":extend", Map.of("labelerId", "lb")).status()).isEqualTo(200);
    assertThat(gateway.acme(path + ":release", "").status()).isEqualTo(204);
    assertThat(gateway.labels.labelsAfter(0, 10)).isEmpty();
  }

  @Test
  void whoHoldsAsManyTasksAsItMayIsToldBothNumbers() {
    gateway.labels.ask(Comparisons.some("c", 30));
    Map<String, Object> fifty = Map.of("labelerId", "lb", "max", 50);
    assertThat(gateway.acme("/v1/leases", fifty).json().path("leases")).hasSize(20);
    TestGateway.Answer refused = gateway.acme("/v1/leases", fifty);
    assertProblem(refused, 429, "too-many-leases");
    assertThat(refused.text("detail"))
        .isEqualTo(
            "leases: 20 of labeler lb (expected: < 20), 20 of vendor acme (expected: < 400)");
    assertThat(refused.header("Retry-After")).isNotEmpty();
  }

  @Test
  void namesAndTimesThatNoDatabaseKeepsAreRefusedBeforeIt() {
    gateway.labels.ask(Comparisons.some("c", 1));
    JsonNode lease = gateway.lease();
    Map<String, Object> body = TestGateway.judgment(lease, 0);
    for (String field : List.of("leaseId", "labelerId", "choiceId")) {
      for (String text : List.of("a\\u0000b", "a\\nb", "a\\ud800b")) {
        String json = Json.write(with(body, field, "a@b")).replace("a@b", text);
        assertProblem(
            gateway.acme("/v1/judgments", json, "Idempotency-Key", "k"), 422, "unreadable-text");
      }
    }
    for (String time : List.of("-999999999-01-01T00:00:00Z", "+99999-01-01T00:00:00Z")) {
      assertProblem(
          gateway.acme("/v1/judgments", with(body, "decidedTime", time), "Idempotency-Key", "k"),
          422,
          "implausible-time");
    }
    assertProblem(gateway.acme("/v1/judgments?pageToken=a%00b"), 400, "malformed-request");
    assertThat(gateway.labels.labelsAfter(0, 10)).isEmpty();
  }

  @Test
  void theListIsPagedByAnOpaqueToken() {
    gateway.labels.ask(Comparisons.some("c", 5));
    JsonNode leases =
        gateway.acme("/v1/leases", Map.of("labelerId", "lb", "max", 5)).json().path("leases");
    List<Object> items = new ArrayList<>();
    leases.forEach(lease -> items.add(TestGateway.judgment(lease, 1)));
    gateway.acme("/v1/judgments:batch", Map.of("judgments", items));

    JsonNode first = gateway.acme("/v1/judgments?pageSize=3").json();
    assertThat(first.path("judgments")).hasSize(3);
    JsonNode second =
        gateway
            .acme("/v1/judgments?pageSize=3&pageToken=" + first.path("nextPageToken").asText())
            .json();
    assertThat(second.path("judgments")).hasSize(2);
    assertThat(second.has("nextPageToken")).isFalse();
    assertProblem(gateway.acme("/v1/judgments?pageToken=xyz"), 400, "malformed-request");
    assertProblem(gateway.acme("/v1/judgments?pageSize=0"), 400, "malformed-request");
    assertProblem(gateway.acme("/v1/judgments?pagesize=1"), 400, "malformed-request");
  }

  @Test
  @Timeout(60)
  void aRequestThatWaitsIsAnsweredWhenAComparisonIsAsked() throws Exception {
    CompletableFuture<TestGateway.Answer> answer = gateway.awaitTask();
    gateway.labels.ask(Comparisons.some("c", 1));
    assertThat(answer.get().json().path("leases")).hasSize(1);
  }

  @Test
  @Timeout(60)
  void aRequestThatWaitsHearsOfAnothersWorkEvenAfterTheStoreHasFailed() throws Exception {
    StoreSettings settings = Stores.settings(directory);
    gateway.labels.ask(Comparisons.some("c", 1));
    assertThat(gateway.labels.lease(new Labeler("other", "otto"), 1))
        .isInstanceOf(LeaseOutcome.Granted.class);
    CompletableFuture<TestGateway.Answer> answer = gateway.awaitTask();
    Logger logger = (Logger) LoggerFactory.getLogger(HttpServer.class);
    ListAppender<ILoggingEvent> warnings = new ListAppender<>();
    warnings.start();
    logger.addAppender(warnings);
    try (Connection connection =
            DriverManager.getConnection(settings.url(), settings.user(), settings.password());
        Statement statement = connection.createStatement()) {
      statement.execute("ALTER TABLE comparison RENAME TO hidden");
      TestGateway.await("a tick that fails", () -> !warnings.list.isEmpty());
      statement.execute("ALTER TABLE hidden RENAME TO comparison");
      // As a process does of which this gateway hears nothing.
      statement.execute("UPDATE comparison SET phase = 'OPEN'");
    } finally {
      logger.detachAppender(warnings);
    }
    // Well before the request's own 30 s are over, when it looks once more by itself.
    assertThat(answer).succeedsWithin(Duration.ofSeconds(15));
    assertThat(answer.get().json().path("leases")).hasSize(1);
  }

  @Test
  void withoutWorkTheAnswerIsEmptyAndSaysWhenToComeAgain() {
    TestGateway.Answer none =
        gateway.acme("/v1/leases", Map.of("labelerId", "lb", "waitSeconds", 1));
    assertThat(none.status()).isEqualTo(204);
    assertThat(none.header("Retry-After")).isEqualTo("2");
  }

  @Test
  void aTaskCanBeExtendedSkippedAndFlagged() {
    gateway.labels.ask(Comparisons.some("c", 2));
    JsonNode lease = gateway.lease();
    String leaseId = lease.path("leaseId").asText();
    assertThat(gateway.acme("/v1/leases/" + leaseId + ":extend", "").text("expireTime"))
        .isGreaterThan(lease.path("expireTime").asText());
    String task = "/v1/tasks/" + lease.at("/task/taskId").asText();
    assertThat(
            gateway.acme(task + ":skip", Map.of("labelerId", "lb", "reason", "TOO_HARD")).status())
        .isEqualTo(204);
    assertProblem(gateway.acme("/v1/leases/" + leaseId + ":extend", ""), 409, "lease-over");
    String second = "/v1/tasks/" + gateway.lease().at("/task/taskId").asText();
    assertThat(
            gateway.acme(second + ":flag", Map.of("labelerId", "lb", "reason", "HARMFUL")).status())
        .isEqualTo(204);
    assertProblem(
        gateway.acme(second + ":flag", Map.of("labelerId", "lb")), 400, "malformed-request");
  }

  @Test
  void anyLabelerStopsTheLineAndFinishedWorkIsStillTaken() {
    gateway.labels.ask(Comparisons.some("c", 2));
    JsonNode lease = gateway.lease();
    assertThat(
            gateway
                .acme("/v1/andon", Map.of("labelerId", "lb", "reason", "signs flipped"))
                .status())
        .isEqualTo(202);
    TestGateway.Answer stopped = gateway.acme("/v1/leases", Map.of("labelerId", "lb"));
    assertProblem(stopped, 503, "line-stopped");
    assertThat(stopped.header("Retry-After")).isNotEmpty();
    assertThat(
            gateway
                .acme("/v1/judgments", TestGateway.judgment(lease, 0), "Idempotency-Key", "k")
                .status())
        .isEqualTo(201);
    assertThat(gateway.labels.status().stopped()).isTrue();
    assertProblem(
        gateway.acme("/v1/andon:clear", Map.of("labelerId", "lb")), 403, "insufficient-scope");
  }

  private static void assertProblem(TestGateway.Answer answer, int status, String problem) {
    assertThat(answer.raw().body()).contains("/problems/");
    assertThat(answer.problem()).isEqualTo(problem);
    assertThat(answer.status()).isEqualTo(status);
    assertThat(answer.json().path("status").asInt()).isEqualTo(status);
    assertThat(answer.header("Content-Type")).startsWith("application/problem+json");
  }
}

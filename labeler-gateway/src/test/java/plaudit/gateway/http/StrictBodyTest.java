package plaudit.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import plaudit.gateway.store.Labeler;

/** What is sent must be what is documented, to the letter. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class StrictBodyTest {

  private final TestGateway gateway;

  StrictBodyTest(@TempDir Path directory) {
    gateway = new TestGateway(directory);
  }

  @AfterAll
  void close() {
    gateway.close();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "400 | malformed-request | {",
        "400 | malformed-request | []",
        "400 | malformed-request | null",
        "400 | malformed-request | {\"leaseId\":\"x\",\"leaseId\":\"y\"}",
        "400 | malformed-request | {\"unknown\":1}",
        "400 | malformed-request | {\"leaseId\":\"x\"} {}",
        "400 | malformed-request | {\"leaseId\":7}",
        "400 | malformed-request | {\"epoch\":\"1\"}",
        "400 | malformed-request | {\"epoch\":1.5}",
        "400 | malformed-request | {\"visibleMillis\":NaN}",
        "400 | malformed-request | {\"confidence\":1}",
        "400 | malformed-request | {\"confidence\":\"SURE\"}",
        "400 | malformed-request | {\"labelerId\":\"lb\",\"epoch\":1,\"choiceId\":\"c\"}",
        "422 | choice-required   | {\"leaseId\":\"x\",\"labelerId\":\"lb\",\"epoch\":1}",
        "422 | choice-required   |"
            + " {\"leaseId\":\"x\",\"labelerId\":\"lb\",\"epoch\":1,\"choiceId\":\"c\",\"verdict\":\"TIE\"}",
        "404 | not-found         |"
            + " {\"leaseId\":\"ls_x\",\"labelerId\":\"lb\",\"epoch\":1,\"choiceId\":\"c\"}",
      })
  void aBodyThatIsNotWhatIsDocumentedIsRefused(int status, String problem, String body) {
    TestGateway.Answer answer = gateway.acme("/v1/judgments", body, "Idempotency-Key", "k");
    assertProblem(answer, status, problem);
    assertThat(answer.text("detail")).doesNotContain("plaudit").doesNotContain("class");
  }

  @ParameterizedTest
  @ValueSource(strings = {"\\u0000", "a\\u0007", "\\ud800", "\\udc00x", "\\u0085"})
  void proseThatNobodyCanReadIsRefusedWithAPointer(String text) {
    String body = "{\"labelerId\":\"lb\",\"reason\":\"OTHER\",\"text\":\"" + text + "\"}";
    for (String call : new String[] {":skip", ":flag"}) {
      TestGateway.Answer answer = gateway.acme("/v1/tasks/tk_x" + call, body);
      assertProblem(answer, 422, "unreadable-text");
      assertThat(answer.text("pointer")).isEqualTo("/text");
    }
  }

  @Test
  void proseOfSeveralLinesAndAnyScriptIsReadable() {
    String body = "{\"labelerId\":\"lb\",\"text\":\"a\\tb\\r\\nc \\ud83d\\ude00 \\u202e\"}";
    assertProblem(gateway.acme("/v1/tasks/tk_x:skip", body), 404, "not-found");
  }

  @Test
  void aStopIsNeverRefusedForItsText() {
    String text = "stop\\u0000\\u0007\\ud800 " + "x".repeat(1990) + "\\ud83d\\ude00".repeat(9);
    TestGateway.Answer answer =
        gateway.acme("/v1/andon", "{\"labelerId\":\"lb\",\"reason\":\"" + text + "\"}");
    assertThat(answer.status()).isEqualTo(202);
    assertThat(gateway.labels.stopReason().orElseThrow())
        .startsWith("stop\ufffd\ufffd\ufffd xx")
        .hasSize(2000)
        .endsWith("x\ud83d\ude00");
    gateway.labels.resumeRun(new Labeler("operator", "operator"), "");
  }

  @ParameterizedTest
  @ValueSource(strings = {"labelerId=%00", "labelerId=a%07", "pageSize=%ff", "%ff=1"})
  void aQueryThatNobodyCanReadIsRefused(String query) {
    TestGateway.Answer answer = gateway.acme("/v1/judgments?" + query);
    assertThat(answer.status()).as(answer.raw().body()).isIn(400, 422);
  }

  @Test
  void aTimeBeforeAllJudgmentsIsImplausible() {
    String body =
        "{\"leaseId\":\"x\",\"labelerId\":\"lb\",\"epoch\":1,\"choiceId\":\"c\","
            + "\"decidedTime\":\"-999999999-01-01T00:00:00Z\"}";
    TestGateway.Answer answer = gateway.acme("/v1/judgments", body, "Idempotency-Key", "k");
    assertProblem(answer, 422, "implausible-time");
    assertThat(answer.text("pointer")).isEqualTo("/decidedTime");
  }

  @Test
  void aFaultIsPointedAt() {
    TestGateway.Answer answer =
        gateway.acme("/v1/judgments", "{\"client\":{\"nom\":\"x\"}}", "Idempotency-Key", "k");
    assertThat(answer.text("pointer")).isEqualTo("/client/nom");
  }

  @Test
  void aJudgmentWithoutAKeyIsRefused() {
    assertProblem(gateway.acme("/v1/judgments", "{}"), 400, "idempotency-key-missing");
  }

  private static void assertProblem(TestGateway.Answer answer, int status, String problem) {
    assertThat(answer.raw().body()).contains("/problems/");
    assertThat(answer.problem()).isEqualTo(problem);
    assertThat(answer.status()).isEqualTo(status);
    assertThat(answer.json().path("status").asInt()).isEqualTo(status);
    assertThat(answer.header("Content-Type")).startsWith("application/problem+json");
  }
}

package plaudit.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import plaudit.gateway.Gateway;
import plaudit.gateway.store.Comparisons;
import plaudit.input.UnavailableException;

class RequestPipelineTest {

  private final Path directory;
  private TestGateway gateway;

  RequestPipelineTest(@TempDir Path directory) {
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
  void withoutAKnownKeyNothingIsTold() {
    TestGateway.Answer none = gateway.get("/v1/judgments");
    assertThat(none.status()).isEqualTo(401);
    assertThat(none.problem()).isEqualTo("unauthenticated");
    assertThat(none.header("WWW-Authenticate")).isEqualTo("Bearer");
    for (String authorization :
        new String[] {"Bearer wrong", "Bearer ", "Basic YTpi", TestGateway.ACME}) {
      assertThat(gateway.get("/v1/judgments", "Authorization", authorization).raw().body())
          .isEqualTo(none.raw().body());
    }
    assertThat(gateway.get("/v1/run/status", "Authorization", "Bearer " + TestGateway.ACME))
        .returns(401, TestGateway.Answer::status);
  }

  @Test
  void pathsMethodsAndMediaTypesThatAreNotServedAreProblems() {
    assertThat(gateway.get("/v2/judgments").problem()).isEqualTo("not-found");
    assertThat(gateway.get("/assets/../label.html").problem()).isEqualTo("not-found");
    TestGateway.Answer method = gateway.send(gateway.request("/v1/judgments").DELETE().build());
    assertThat(method.status()).isEqualTo(405);
    assertThat(method.header("Allow")).isEqualTo("GET, POST");
    TestGateway.Answer media =
        gateway.send(
            gateway
                .request("/v1/leases", "Authorization", "Bearer " + TestGateway.ACME)
                .header("Content-Type", "text/plain")
                .POST(HttpRequest.BodyPublishers.ofString("{}"))
                .build());
    assertThat(media.status()).isEqualTo(415);
    assertThat(media.problem()).isEqualTo("unsupported-media-type");
  }

  @Test
  @Timeout(30)
  void aBodyThatIsTooLargeIsRefusedWhetherItSaysSoOrNot() throws Exception {
    String large = "{\"labelerId\":\"" + "x".repeat(70_000) + "\"}";
    TestGateway.Answer answer = gateway.acme("/v1/leases", large);
    assertThat(answer.status()).isEqualTo(413);
    assertThat(answer.problem()).isEqualTo("content-too-large");
    assertThat(answer.json().path("maxBytes").asInt()).isEqualTo(65_536);

    TestGateway.Answer chunked =
        gateway.send(
            gateway
                .request("/v1/leases", "Authorization", "Bearer " + TestGateway.ACME)
                .header("Content-Type", "application/json")
                .POST(
                    HttpRequest.BodyPublishers.ofInputStream(
                        () ->
                            new java.io.ByteArrayInputStream(
                                large.getBytes(StandardCharsets.UTF_8))))
                .build());
    assertThat(chunked.status()).isEqualTo(413);

    try (Socket socket =
        new Socket(InetAddress.getLoopbackAddress(), gateway.gateway.address().getPort())) {
      String head =
          """
          POST /v1/leases HTTP/1.1\r
          Host: localhost\r
          Authorization: Bearer %s\r
          Content-Type: application/json\r
          Content-Length: 10000000000\r
          \r
          """
              .formatted(TestGateway.ACME);
      socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
      byte[] status = socket.getInputStream().readNBytes(12);
      assertThat(new String(status, StandardCharsets.US_ASCII)).isEqualTo("HTTP/1.1 413");
    }
  }

  @Test
  void aKeyThatAsksTooOftenIsHeldBackAndOthersAreNot() {
    gateway.close();
    gateway = new TestGateway(directory, RunView.none(), settings -> settings.withRate(0.01, 3));
    for (int i = 0; i < 3; i++) {
      assertThat(gateway.acme("/v1/judgments").status()).isEqualTo(200);
    }
    TestGateway.Answer answer = gateway.acme("/v1/judgments");
    assertThat(answer.status()).isEqualTo(429);
    assertThat(answer.problem()).isEqualTo("quota-exceeded");
    assertThat(Integer.parseInt(answer.header("Retry-After"))).isBetween(90, 100);
    assertThat(gateway.get("/v1/judgments", "Authorization", "Bearer " + TestGateway.OTHER))
        .returns(200, TestGateway.Answer::status)
        .returns("\"key\";q=3;w=300", other -> other.header("RateLimit-Policy"));
  }

  @Test
  void aBatchCountsAsManyRequestsAsItHasItemsAndARefusedOneStoresNothing() {
    gateway.close();
    gateway = new TestGateway(directory, RunView.none(), settings -> settings.withRate(0.01, 4));
    gateway.labels.ask(Comparisons.some("c", 1));
    Object judgment = TestGateway.judgment(gateway.lease(), 0);
    TestGateway.Answer answer =
        gateway.acme(
            "/v1/judgments:batch",
            Map.of("judgments", List.of(judgment, judgment, judgment, judgment)));
    assertThat(answer.status()).isEqualTo(429);
    assertThat(gateway.labels.list("acme", null, null, 10).orElseThrow().items()).isEmpty();
    answer = gateway.acme("/v1/judgments:batch", Map.of("judgments", List.of(judgment, judgment)));
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.header("RateLimit")).isEqualTo("\"key\";r=0;t=1");
  }

  @Test
  void aStopIsNeverTooOften() {
    gateway.close();
    gateway = new TestGateway(directory, RunView.none(), settings -> settings.withRate(0.01, 1));
    assertThat(gateway.acme("/v1/judgments").status()).isEqualTo(200);
    assertThat(gateway.acme("/v1/judgments").status()).isEqualTo(429);
    for (int i = 0; i < 3; i++) {
      assertThat(gateway.acme("/v1/andon", Map.of("labelerId", "lb")).status()).isEqualTo(202);
    }
  }

  @Test
  void wrongKeysOfAnAddressAreLimitedAndItsRightKeyIsServed() {
    for (int i = 0; i < 10; i++) {
      assertThat(gateway.get("/v1/judgments", "Authorization", "Bearer wrong" + i).status())
          .isEqualTo(401);
    }
    TestGateway.Answer answer = gateway.get("/v1/judgments", "Authorization", "Bearer wrong");
    assertThat(answer.status()).isEqualTo(429);
    assertThat(answer.header("Retry-After")).isEqualTo("6");
    assertThat(gateway.acme("/v1/judgments").status()).isEqualTo(200);
    assertThat(gateway.get("/v1/judgments").status()).isEqualTo(401);
  }

  @Test
  void everyAnswerCarriesTheHeadersThatProtectABrowser() {
    for (String path : new String[] {"/", "/console", "/healthz", "/nowhere", "/v1/judgments"}) {
      TestGateway.Answer answer = gateway.get(path);
      assertThat(answer.header("Content-Security-Policy"))
          .contains("default-src 'none'", "script-src 'self'", "require-trusted-types-for");
      assertThat(answer.header("X-Content-Type-Options")).isEqualTo("nosniff");
      assertThat(answer.header("Cache-Control")).isEqualTo("no-store");
      assertThat(answer.header("Server")).isEmpty();
    }
  }

  @Test
  void aSessionJudgesAsItselfOnlyAndOnlyFromItsOwnPage() {
    String cookie = gateway.get("/").header("Set-Cookie");
    assertThat(cookie).contains("HttpOnly", "SameSite=Lax");
    String session = cookie.substring(0, cookie.indexOf(';'));
    TestGateway.Answer known = gateway.get("/v1/session", "Cookie", session);
    String labeler = known.text("labelerId");
    String body = "{\"labelerId\":\"" + labeler + "\"}";

    assertThat(gateway.post("/v1/leases", body, "Cookie", session, "X-Plaudit-Page", "1"))
        .returns(204, TestGateway.Answer::status);
    assertThat(gateway.post("/v1/leases", body, "Cookie", session))
        .returns(403, TestGateway.Answer::status);
    assertThat(
            gateway.post(
                "/v1/leases",
                body,
                "Cookie",
                session,
                "X-Plaudit-Page",
                "1",
                "Origin",
                "http://evil.example"))
        .returns(403, TestGateway.Answer::status);
    assertThat(
            gateway.post(
                "/v1/leases",
                "{\"labelerId\":\"somebody\"}",
                "Cookie",
                session,
                "X-Plaudit-Page",
                "1"))
        .returns(403, TestGateway.Answer::status);
    assertThat(gateway.get("/v1/session", "Cookie", session + "x"))
        .returns(401, TestGateway.Answer::status);
    assertThat(gateway.get("/", "Cookie", session).header("Set-Cookie")).isEmpty();
  }

  @Test
  @Timeout(30)
  void aForeignNameForThisAddressIsRefused() throws Exception {
    try (Socket socket =
        new Socket(InetAddress.getLoopbackAddress(), gateway.gateway.address().getPort())) {
      socket
          .getOutputStream()
          .write(
              "GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII));
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(answer).startsWith("HTTP/1.1 403").contains("evil.example");
    }
  }

  @Test
  @Timeout(30)
  void whatIsNotReadableAsHttpIsAProblemToo() throws Exception {
    assertThat(raw("GET / HTTP/1.1\r\nHost: localhost\r\nBad Header\r\n\r\n"))
        .startsWith("HTTP/1.1 400")
        .contains("application/problem+json", "/problems/malformed-request", "nosniff");
    assertThat(raw("GET /" + "x".repeat(10_000) + " HTTP/1.1\r\nHost: localhost\r\n\r\n"))
        .startsWith("HTTP/1.1 414")
        .contains("/problems/uri-too-long");
    assertThat(raw("GET / HTTP/1.1\r\nHost: localhost\r\nX: " + "x".repeat(20_000) + "\r\n\r\n"))
        .startsWith("HTTP/1.1 431")
        .contains("/problems/headers-too-large");
    assertThat(
            raw(
                "GET /v1/judgments?pageSize=%%zz HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\nConnection: close\r\n\r\n"
                    .formatted(TestGateway.ACME)))
        .startsWith("HTTP/1.1 400")
        .contains("/problems/malformed-request");
  }

  @Test
  @Timeout(30)
  void aRequestThatWaitsIsSentHomeWhenTheGatewayCloses() throws Exception {
    CompletableFuture<TestGateway.Answer> waiting = gateway.awaitTask();
    gateway.gateway.drain().toCompletableFuture().get();
    assertThat(waiting.get().status()).isEqualTo(204);
  }

  @Test
  @Timeout(30)
  void aGatewayWhoseActorSystemHasEndedIsClosedAlready() throws Exception {
    gateway.system.terminate();
    gateway.system.getWhenTerminated().toCompletableFuture().get();
    assertThat(gateway.gateway.drain().toCompletableFuture())
        .succeedsWithin(Duration.ofSeconds(20));
    int port = gateway.gateway.address().getPort();
    assertThatThrownBy(() -> new Socket(InetAddress.getLoopbackAddress(), port).close())
        .isInstanceOf(ConnectException.class);
  }

  @Test
  @Timeout(30)
  void aGatewayWhoseActorSystemIsEndingIsClosedWithIt() throws Exception {
    gateway.system.terminate();
    gateway.gateway.drain().toCompletableFuture().get();
    assertThat(gateway.system.getWhenTerminated().toCompletableFuture())
        .succeedsWithin(Duration.ofSeconds(20));
  }

  private String raw(String request) throws IOException {
    try (Socket socket =
        new Socket(InetAddress.getLoopbackAddress(), gateway.gateway.address().getPort())) {
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void aPortInUseIsNamed() {
    int port = gateway.gateway.address().getPort();
    GatewaySettings settings =
        GatewaySettings.from(com.typesafe.config.ConfigFactory.load()).withPort(port);
    assertThatThrownBy(
            () ->
                Gateway.start(gateway.system, settings, gateway.labels, RunView.none())
                    .toCompletableFuture()
                    .join())
        .isInstanceOf(CompletionException.class)
        .hasCauseInstanceOf(UnavailableException.class)
        .hasMessageContaining("plaudit.gateway: cannot listen on 127.0.0.1:%d: ".formatted(port));
  }

  @Test
  void aStoreThatWritesNoMoreIsNeitherReadyNorHealthy() {
    assertThat(gateway.get("/readyz").status()).isEqualTo(200);
    assertThat(gateway.get("/healthz").status()).isEqualTo(200);
    gateway.labels.close();
    assertThat(gateway.get("/readyz").status()).isEqualTo(503);
    assertThat(gateway.get("/healthz"))
        .satisfies(health -> assertThat(health.status()).isEqualTo(503))
        .satisfies(
            health -> assertThat(health.raw().body()).contains("the thread that writes has ended"));
    TestGateway.Answer answer = gateway.acme("/v1/judgments");
    assertThat(answer.problem()).isEqualTo("temporary-reduced-capacity");
    assertThat(answer.header("Retry-After")).isEqualTo("2");
  }

  @Test
  void everyProblemTypeIsExplainedUnderItsOwnAddress() {
    for (Problem.Kind kind : Problem.Kind.values()) {
      TestGateway.Answer answer = gateway.get(kind.type());
      assertThat(answer.text("type")).isEqualTo(kind.type());
      assertThat(answer.json().path("status").asInt()).isEqualTo(kind.status());
    }
    assertThat(gateway.get("/problems/nothing").status()).isEqualTo(404);
  }
}

package plaudit.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plaudit.gateway.Gateway;
import plaudit.gateway.store.Comparisons;

/** Who may come to the pages and what each may do, over HTTP. */
class PeopleApiTest {

  private static final String OPERATOR = "operator-key-with-more-than-24-characters";
  private static final String[] PROXIED = {"X-Forwarded-For", "203.0.113.7"};

  private final Path directory;
  private TestGateway gateway;

  PeopleApiTest(@TempDir Path directory) {
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
  void aBrowserOfThisMachineIsSomebodyAtOnceAndStaysSoThroughARestart() {
    gateway = open(false, "");
    String session = cookie(gateway.get("/"));
    String labeler = labeler(session);
    assertThat(labeler).startsWith("lb_");
    gateway = open(false, "");
    assertThat(labeler(session)).isEqualTo(labeler);
    assertThat(gateway.get("/", "Cookie", renamed(session)).header("Set-Cookie")).isEmpty();
  }

  @Test
  void theGatewaysOfOneStoreKnowEachOthersPeople() {
    gateway = open(false, "");
    String session = cookie(gateway.get("/"));
    Gateway other =
        Gateway.start(
                gateway.system,
                GatewaySettings.from(com.typesafe.config.ConfigFactory.load()).withPort(0),
                gateway.labels,
                RunView.none())
            .toCompletableFuture()
            .join();
    try {
      TestGateway.Answer answer =
          gateway.send(
              java.net.http.HttpRequest.newBuilder(other.url().resolve("/v1/session"))
                  .header(
                      "Cookie",
                      Sessions.cookieName(other.url().getAuthority())
                          + session.substring(session.indexOf('=')))
                  .build());
      assertThat(answer.text("labelerId")).isEqualTo(labeler(session));
    } finally {
      other.drain().toCompletableFuture().join();
    }
  }

  @Test
  void throughAProxyNobodyIsAnybodyWithoutAnInvitation() {
    gateway = open(true, "https://labels.example.org/plaudit/");
    TestGateway.Answer page = gateway.get("/", PROXIED);
    assertThat(page.status()).isEqualTo(200);
    assertThat(page.header("Set-Cookie")).isEmpty();
    assertThat(gateway.get("/v1/session", PROXIED).problem()).isEqualTo("unauthenticated");
    assertThat(gateway.get("/?invite=anna.o.9999999999." + "A".repeat(43), PROXIED))
        .returns(200, TestGateway.Answer::status)
        .returns("", answer -> answer.header("Set-Cookie"));

    String url = invite("{\"labelerId\":\"anna\",\"days\":3}").text("url");
    assertThat(url).startsWith("https://labels.example.org/plaudit/?invite=anna.l.");
    TestGateway.Answer opened = gateway.get("/" + url.substring(url.indexOf('?')), PROXIED);
    assertThat(opened.status()).isEqualTo(303);
    assertThat(opened.header("Location")).isEqualTo("./");
    assertThat(opened.header("Set-Cookie"))
        .contains("Path=/plaudit/;", "HttpOnly", "SameSite=Lax", "; Secure");
    assertThat(labeler(cookie(opened), PROXIED)).isEqualTo("anna");
  }

  @Test
  void aCookieOfThisMachineKeepsThePlainPathBesideAPublicAddress() {
    gateway = open(true, "https://labels.example.org/plaudit/");
    assertThat(gateway.get("/").header("Set-Cookie"))
        .contains("Path=/;")
        .doesNotContain("; Secure");
  }

  @Test
  void withoutTheSettingAProxysRequestIsRefusedThoughItComesFromThisMachine() {
    gateway = open(false, "");
    assertThat(gateway.get("/", PROXIED).problem()).isEqualTo("insufficient-scope");
    String session = cookie(gateway.get("/"));
    assertThat(
            gateway.get("/v1/session", "Cookie", session, "X-Forwarded-For", "127.0.0.1").problem())
        .isEqualTo("insufficient-scope");
  }

  @Test
  void anyoneStopsTheRunAndOnlyAnOperatorLetsItGoOn() {
    gateway = open(true, "");
    String labeler = cookie(opened(invite("{\"labelerId\":\"anna\"}")));
    String operator = cookie(opened(invite("{\"labelerId\":\"otto\",\"operator\":true}")));

    assertThat(andon("", "anna", "Cookie", labeler)).isEqualTo("202 ");
    assertThat(andon(":clear", "anna", "Cookie", labeler)).isEqualTo("403 insufficient-scope");
    assertThat(andon(":clear", "lb", "Authorization", "Bearer " + TestGateway.ACME))
        .isEqualTo("403 insufficient-scope");
    assertThat(andon(":clear", "anna")).isEqualTo("401 unauthenticated");
    assertThat(gateway.labels.stopReason()).isPresent();
    assertThat(andon(":clear", "otto", "Cookie", operator)).isEqualTo("202 ");
    assertThat(gateway.labels.stopReason()).isEmpty();

    assertThat(andon("", "lb", "Authorization", "Bearer " + TestGateway.ACME)).isEqualTo("202 ");
    assertThat(andon(":clear", "any", "Authorization", "Bearer " + OPERATOR)).isEqualTo("202 ");
    assertThat(gateway.labels.stopReason()).isEmpty();

    assertThat(andon("", "any", "Authorization", "Bearer " + OPERATOR)).isEqualTo("202 ");
    String local = cookie(gateway.get("/"));
    assertThat(
            gateway
                .post(
                    "/v1/andon:clear",
                    "{\"labelerId\":\"" + labeler(local) + "\"}",
                    "Cookie",
                    local,
                    "X-Plaudit-Page",
                    "1")
                .status())
        .isEqualTo(202);
  }

  @Test
  void anOperatorsKeyJudgesNothingAndALabelerInvitesNobody() {
    gateway = open(true, "");
    assertThat(
            gateway.post(
                "/v1/leases", "{\"labelerId\":\"x\"}", "Authorization", "Bearer " + OPERATOR))
        .returns("insufficient-scope", TestGateway.Answer::problem);
    String labeler = cookie(opened(invite("{\"labelerId\":\"anna\"}")));
    assertThat(
            gateway.post(
                "/v1/invitations",
                "{\"labelerId\":\"eve\",\"operator\":true}",
                "Cookie",
                labeler,
                "X-Plaudit-Page",
                "1",
                "X-Forwarded-For",
                "203.0.113.7"))
        .returns("insufficient-scope", TestGateway.Answer::problem);
    assertThat(invite("{\"labelerId\":\"lb_x\"}").text("pointer")).isEqualTo("/labelerId");
    assertThat(invite("{\"labelerId\":\"x\",\"days\":0}").text("pointer")).isEqualTo("/days");
  }

  @Test
  void aPersonSeesWhatTheyJudgedAndNobodyElsesTasks() {
    gateway = open(true, "");
    gateway.labels.ask(Comparisons.some("c", 12));
    gateway.acme("/v1/judgments", TestGateway.judgment(gateway.lease(), 0), "Idempotency-Key", "k");
    String anna = cookie(opened(invite("{\"labelerId\":\"anna\"}")));
    for (int i = 0; i < 11; i++) {
      JsonNode lease = page("/v1/leases", Map.of("labelerId", "anna"), anna).json().at("/leases/0");
      assertThat(lease.path("expiresInSeconds").asLong()).isBetween(590L, 600L);
      TestGateway.Answer judged =
          page("/v1/judgments", judgment(lease), anna, "Idempotency-Key", "a" + i);
      assertThat(judged.status()).isEqualTo(201);
    }
    JsonNode history = gateway.get("/v1/session/judgments", proxied(anna)).json();
    assertThat(history.path("count").asInt()).isEqualTo(11);
    assertThat(history.path("judgments")).hasSize(10);
    JsonNode newest = history.at("/judgments/0");
    assertThat(newest.at("/judgment/labelerId").asText()).isEqualTo("anna");
    assertThat(newest.at("/judgment/choiceId").asText())
        .isEqualTo(newest.at("/choices/1/choiceId").asText());
    assertThat(newest.path("amendableSeconds").asInt()).isBetween(880, 900);

    String id = newest.at("/judgment/judgmentId").asText();
    page(
        "/v1/judgments/" + id + ":amend",
        Map.of("labelerId", "anna", "verdict", "TIE"),
        anna,
        "Idempotency-Key",
        "amended");
    JsonNode amended = gateway.get("/v1/session/judgments", proxied(anna)).json();
    assertThat(amended.path("count").asInt()).isEqualTo(11);
    assertThat(amended.at("/judgments/0/judgment/verdict").asText()).isEqualTo("TIE");
  }

  @Test
  void whoComesOftenKeepsTheSession() {
    gateway.close();
    gateway =
        new TestGateway(
            directory,
            RunView.none(),
            settings ->
                settings.withPage(
                    new GatewaySettings.Page(
                        true, false, List.of(), Optional.empty(), Duration.ofMillis(1))));
    String old = cookie(gateway.get("/"));
    assertThat(gateway.get("/v1/session", "Cookie", old).status()).isEqualTo(401);
    TestGateway.Answer page = gateway.get("/", "Cookie", old);
    assertThat(name(cookie(page))).isEqualTo(name(old));
  }

  private static Map<String, Object> judgment(JsonNode lease) {
    return Map.of(
        "leaseId", lease.path("leaseId").asText(),
        "epoch", lease.path("epoch").asInt(),
        "labelerId", "anna",
        "choiceId", lease.at("/task/choices/1/choiceId").asText());
  }

  /** Another gateway in place of the present one, over the same store. */
  private TestGateway open(boolean remote, String publicUrl) {
    gateway.close();
    UnaryOperator<GatewaySettings> change =
        settings ->
            settings
                .withOperator("ops", OPERATOR)
                .withPage(
                    new GatewaySettings.Page(
                        true,
                        remote,
                        List.of(),
                        publicUrl.isEmpty()
                            ? Optional.empty()
                            : Optional.of(PublicUrl.of(publicUrl)),
                        Duration.ofDays(1)));
    return new TestGateway(directory, RunView.none(), change);
  }

  private TestGateway.Answer invite(String body) {
    return gateway.post("/v1/invitations", body, "Authorization", "Bearer " + OPERATOR);
  }

  private TestGateway.Answer opened(TestGateway.Answer invitation) {
    String url = invitation.text("url");
    return gateway.get("/" + url.substring(url.indexOf('?')), PROXIED);
  }

  /** Status and problem of an attempt at the cord, through a proxy. */
  private String andon(String suffix, String labeler, String... credentials) {
    String[] headers = java.util.Arrays.copyOf(credentials, credentials.length + 4);
    headers[credentials.length] = "X-Plaudit-Page";
    headers[credentials.length + 1] = "1";
    headers[credentials.length + 2] = PROXIED[0];
    headers[credentials.length + 3] = PROXIED[1];
    TestGateway.Answer answer =
        gateway.post("/v1/andon" + suffix, "{\"labelerId\":\"" + labeler + "\"}", headers);
    return answer.status() + " " + answer.problem();
  }

  private TestGateway.Answer page(String path, Object body, String cookie, String... more) {
    String[] headers = java.util.Arrays.copyOf(proxied(cookie), 6 + more.length);
    System.arraycopy(more, 0, headers, 6, more.length);
    headers[4] = "X-Plaudit-Page";
    headers[5] = "1";
    return gateway.post(path, plaudit.gateway.json.Json.write(body), headers);
  }

  private static String[] proxied(String cookie) {
    return new String[] {"Cookie", cookie, PROXIED[0], PROXIED[1]};
  }

  private static String cookie(TestGateway.Answer answer) {
    String header = answer.header("Set-Cookie");
    return header.substring(0, header.indexOf(';'));
  }

  private static String name(String cookie) {
    return cookie.substring(cookie.indexOf('=') + 1, cookie.indexOf('.'));
  }

  private String labeler(String cookie, String... headers) {
    String[] all = java.util.Arrays.copyOf(headers, headers.length + 2);
    all[headers.length] = "Cookie";
    all[headers.length + 1] = renamed(cookie);
    return gateway.get("/v1/session", all).text("labelerId");
  }

  /** The cookie under the name of the present port. */
  private String renamed(String cookie) {
    return Sessions.cookieName(gateway.gateway.url().getAuthority())
        + cookie.substring(cookie.indexOf('='));
  }
}

package plaudit.node.vendor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import plaudit.input.InvalidInputException;
import plaudit.node.vendor.FakeGateway.Received;
import plaudit.node.vendor.FakeGateway.Trouble;

class VendorClientTest {

  private static final Judge<String> LIKES_GOOD =
      (query, choices, random) -> choices.indexOf("good");
  private static final Judge<String> AT_RANDOM =
      (String query, List<String> choices, RandomGenerator random) ->
          random.nextInt(choices.size());
  private static final Map<String, String> AT_ONCE = Map.of("Retry-After", "0");

  private FakeGateway gateway;

  @BeforeEach
  void open() throws IOException {
    gateway = new FakeGateway();
  }

  @AfterEach
  void shut() {
    gateway.close();
  }

  @Test
  void everyTaskIsJudgedOnce() throws Exception {
    gateway.offer(20);

    VendorReport report = work(20, LIKES_GOOD);

    assertThat(report).isEqualTo(new VendorReport(20, 0, 0, 0));
    assertThat(gateway.tries()).hasSize(20);
    assertThat(gateway.judgments().values())
        .extracting(body -> body.path("leaseId").asText())
        .doesNotHaveDuplicates()
        .hasSize(20);
  }

  @Test
  void aJudgmentNamesLeaseEpochLabelerAndChoice() throws Exception {
    gateway.offer(1);

    work(1, LIKES_GOOD);

    Received received = gateway.tries().get(0);
    assertThat(received.body())
        .hasToString(
            "{\"leaseId\":\"ls-cmp-1\",\"epoch\":3,\"labelerId\":\"%s\",\"choiceId\":\"c\"}"
                .formatted(received.body().path("labelerId").asText()));
    assertThat(received.body().path("labelerId").asText()).matches("sim-00[1-3]");
    assertThat(received.idempotencyKey()).matches("\"[0-9a-f-]{36}\"");
  }

  @Test
  void aTieIsAVerdictAndNoChoice() throws Exception {
    gateway.offer(1);

    VendorReport report = work(1, (query, choices, random) -> Judge.TIE);

    assertThat(report.ties()).isEqualTo(1);
    assertThat(gateway.tries().get(0).body().path("verdict").asText()).isEqualTo("TIE");
    assertThat(gateway.tries().get(0).body().has("choiceId")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(ints = {408, 429, 500, 502, 503, 504})
  void aTroubleThatPassesIsWaitedForWithTheSameKey(int status) throws Exception {
    gateway.offer(1);
    gateway.leaseTrouble(new Trouble(status, AT_ONCE, "{}"));
    gateway.judgmentTrouble(new Trouble(status, AT_ONCE, "{}"));

    VendorReport report = work(1, LIKES_GOOD);

    assertThat(report.delivered()).isEqualTo(1);
    assertThat(report.retries()).isEqualTo(2);
    assertThat(gateway.tries()).hasSize(2);
    assertThat(keys()).hasSize(1);
    assertThat(gateway.tries().get(0).body()).isEqualTo(gateway.tries().get(1).body());
  }

  @Test
  void aRequestStillInProgressIsWaitedFor() throws Exception {
    gateway.offer(1);
    gateway.judgmentTrouble(
        new Trouble(409, AT_ONCE, "{\"type\":\"/problems/request-in-progress\"}"));

    assertThat(work(1, LIKES_GOOD).delivered()).isEqualTo(1);
    assertThat(keys()).hasSize(1);
  }

  @Test
  void aLostAcknowledgementIsAskedForAgainAndCountsOnce() throws Exception {
    gateway.offer(1);
    gateway.loseNextAcknowledgement();

    VendorReport report = work(1, LIKES_GOOD);

    assertThat(report.delivered()).isEqualTo(1);
    assertThat(gateway.tries()).hasSize(2);
    assertThat(gateway.judgments()).hasSize(1);
  }

  @Test
  void aRefusedJudgmentIsNotSentAgainAndTheNextTaskIsTaken() throws Exception {
    gateway.offer(2);
    gateway.judgmentTrouble(
        new Trouble(409, Map.of(), "{\"type\":\"/problems/judgment-conflict\"}"));

    VendorReport report = work(1, LIKES_GOOD);

    assertThat(report).isEqualTo(new VendorReport(1, 0, 1, 0));
    assertThat(gateway.tries()).hasSize(2);
    assertThat(keys()).hasSize(2);
  }

  @Test
  void theSameSeedGivesTheSameVerdicts() throws Exception {
    gateway.offer(8);
    work(settings(1, 8, Duration.ZERO), AT_RANDOM);
    Map<String, String> first = verdicts();
    gateway.close();
    gateway = new FakeGateway();
    gateway.offer(8);
    work(settings(1, 8, Duration.ofMillis(1)), AT_RANDOM);

    assertThat(verdicts()).isEqualTo(first);
    assertThat(Set.copyOf(first.values())).hasSizeGreaterThan(1);
  }

  @Test
  void whoeverStopsWhileThinkingHandsTheTaskBack() throws Exception {
    gateway.offer(1);
    VendorClient vendor =
        VendorClient.start(settings(1, Long.MAX_VALUE, Duration.ofHours(1)), LIKES_GOOD);
    assertThat(gateway.awaitLease()).isTrue();

    vendor.close();

    assertThat(vendor.awaitEnd(1, TimeUnit.SECONDS)).isTrue();
    assertThat(gateway.released()).containsExactly("ls-cmp-1");
    assertThat(gateway.tries()).isEmpty();
    vendor.throwFailure();
  }

  @Test
  void whoeverWaitsForATaskStopsSoon() throws Exception {
    VendorClient vendor =
        VendorClient.start(settings(5, Long.MAX_VALUE, Duration.ZERO), LIKES_GOOD);

    vendor.close();

    assertThat(vendor.awaitEnd(5, TimeUnit.SECONDS)).isTrue();
    assertThat(vendor.report()).isEqualTo(new VendorReport(0, 0, 0, 0));
  }

  @Test
  void aKeyThatIsRefusedEndsTheWorkWithAReason() throws Exception {
    VendorSettings wrong = VendorSettings.endless(gateway.url(), "other-key", 2, Duration.ZERO, 1);

    assertThatThrownBy(() -> work(wrong, LIKES_GOOD))
        .isInstanceOf(VendorException.class)
        .hasMessageContaining("refuses the key: 401 no such key")
        .hasMessageNotContaining("other-key");
  }

  @Test
  void aServerThatIsNoGatewayEndsTheWorkWithAReason() {
    VendorSettings elsewhere =
        VendorSettings.endless(
            URI.create(gateway.url() + "/elsewhere"), FakeGateway.KEY, 2, Duration.ZERO, 1);

    assertThatThrownBy(() -> work(elsewhere, LIKES_GOOD))
        .isInstanceOf(VendorException.class)
        .hasMessageContaining("no labeling API at " + gateway.url() + "/elsewhere");
  }

  @Test
  void aGatewayThatIsGoneIsTriedForAWhileAndThenNamed() throws IOException {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    VendorSettings gone =
        new VendorSettings(
            URI.create("http://127.0.0.1:" + port),
            FakeGateway.KEY,
            1,
            Duration.ZERO,
            1,
            1,
            Duration.ZERO,
            Duration.ofMillis(500));

    assertThatThrownBy(() -> work(gone, LIKES_GOOD))
        .isInstanceOf(VendorException.class)
        .hasMessageContaining("no usable answer from http://127.0.0.1:" + port);
  }

  @Test
  void aJudgeThatChoosesWhatIsNotThereEndsTheWork() {
    gateway.offer(1);

    assertThatThrownBy(() -> work(1, (query, choices, random) -> 4))
        .isInstanceOf(VendorException.class)
        .hasMessageContaining("verdict: 4 (expected: -1 to 3)");
  }

  @ParameterizedTest
  @ValueSource(strings = {"ftp://host", "host:8080", "http:///path"})
  void anAddressThatIsNoneIsRefused(String url) {
    assertThatThrownBy(() -> VendorSettings.endless(URI.create(url), "key", 1, Duration.ZERO, 1))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageStartingWith("url: " + url);
  }

  private VendorReport work(long count, Judge<String> judge) throws InterruptedException {
    return work(settings(3, count, Duration.ZERO), judge);
  }

  private static VendorReport work(VendorSettings settings, Judge<String> judge)
      throws InterruptedException {
    try (VendorClient vendor = VendorClient.start(settings, judge)) {
      assertThat(vendor.awaitEnd(30, TimeUnit.SECONDS)).isTrue();
      vendor.throwFailure();
      return vendor.report();
    }
  }

  private VendorSettings settings(int labelers, long count, Duration latency) {
    return new VendorSettings(
        gateway.url(),
        FakeGateway.KEY,
        labelers,
        latency,
        count,
        7,
        Duration.ofSeconds(5),
        Duration.ofSeconds(10));
  }

  private Set<String> keys() {
    return gateway.tries().stream().map(Received::idempotencyKey).collect(Collectors.toSet());
  }

  private Map<String, String> verdicts() {
    Map<String, String> verdicts = new TreeMap<>();
    gateway
        .judgments()
        .values()
        .forEach(b -> verdicts.put(b.path("leaseId").asText(), b.path("choiceId").asText()));
    return verdicts;
  }
}

package plaudit.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import plaudit.gateway.store.Comparisons;

@Timeout(120)
class ConnectionsTest {

  private static final GatewaySettings.Connections DEFAULTS =
      new GatewaySettings.Connections(
          20_000, 512, List.of(), Duration.ofSeconds(15), Duration.ofSeconds(60));

  private final Path directory;
  private final List<Socket> sockets = new ArrayList<>();
  private TestGateway gateway;

  ConnectionsTest(@TempDir Path directory) {
    this.directory = directory;
    this.gateway = new TestGateway(directory);
  }

  @AfterEach
  void close() throws IOException {
    for (Socket socket : sockets) {
      socket.close();
    }
    gateway.close();
  }

  private void with(GatewaySettings.Connections connections) {
    gateway.close();
    gateway =
        new TestGateway(
            directory,
            RunView.none(),
            settings -> {
              GatewaySettings.Limits old = settings.limits();
              return settings.withLimits(
                  new GatewaySettings.Limits(
                      old.waiting(),
                      old.wrongKeys(),
                      old.judgments(),
                      old.leases(),
                      old.lists(),
                      connections));
            });
  }

  private Socket connect(String text) throws IOException {
    Socket socket =
        new Socket(InetAddress.getLoopbackAddress(), gateway.gateway.address().getPort());
    sockets.add(socket);
    socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  private static String poll(String labeler, int seconds) {
    String body = "{\"labelerId\":\"%s\",\"waitSeconds\":%d}".formatted(labeler, seconds);
    return """
    POST /v1/leases HTTP/1.1\r
    Host: localhost\r
    Authorization: Bearer %s\r
    Content-Type: application/json\r
    Content-Length: %d\r
    \r
    %s\
    """
        .formatted(TestGateway.ACME, body.length(), body);
  }

  private double gauge(String name) {
    return gateway.registry.get("plaudit.gateway." + name).gauge().value();
  }

  private double closed(String reason) {
    io.micrometer.core.instrument.Counter counter =
        gateway.registry.find("plaudit.gateway.connections.closed").tag("reason", reason).counter();
    return counter == null ? 0 : counter.count();
  }

  private long looks() {
    return gateway
        .registry
        .get("plaudit.gateway.admission.wait")
        .tag("work", "lease")
        .timer()
        .count();
  }

  @Test
  void elevenHundredIdleConnectionsShutNobodyOut() throws Exception {
    for (int i = 0; i < 1100; i++) {
      connect("");
    }
    TestGateway.await("all open", () -> gauge("connections") >= 1100);
    assertThat(gateway.get("/healthz").status()).isEqualTo(200);
    assertThat(gateway.acme("/v1/judgments").status()).isEqualTo(200);
  }

  @Test
  void connectionsBeyondTheLimitAreClosedAtOnceAndCounted() throws Exception {
    with(new GatewaySettings.Connections(3, 512, List.of(), DEFAULTS.silence(), DEFAULTS.idle()));
    Socket first = connect("");
    connect("");
    connect("");
    TestGateway.await("three open", () -> gauge("connections") == 3);
    assertThat(connect("").getInputStream().read()).isEqualTo(-1);
    assertThat(closed("refused")).isEqualTo(1);
    first.close();
    TestGateway.await("one has left", () -> gauge("connections") == 2);
    assertThat(gateway.get("/healthz").status()).isEqualTo(200);
  }

  @Test
  void anAddressHasItsOwnLimitAndThisMachineAndProxiesHaveNone() throws UnknownHostException {
    Connections.Count count =
        new Connections.Count(
            new GatewaySettings.Connections(
                10, 2, List.of("10.0.0.9"), DEFAULTS.silence(), DEFAULTS.idle()));
    InetAddress one = InetAddress.getByName("10.0.0.1");
    assertThat(count.take(one)).isTrue();
    assertThat(count.take(one)).isTrue();
    assertThat(count.take(one)).isFalse();
    count.give(one);
    assertThat(count.take(one)).isTrue();
    assertThat(count.take(InetAddress.getByName("2001:db8::1"))).isTrue();
    assertThat(count.take(InetAddress.getByName("2001:db8::2"))).isTrue();
    assertThat(count.take(InetAddress.getByName("2001:db8::3"))).isFalse();
    for (int i = 0; i < 3; i++) {
      assertThat(count.take(InetAddress.getByName("10.0.0.9"))).isTrue();
      assertThat(count.take(InetAddress.getLoopbackAddress())).isTrue();
    }
    assertThat(count.open()).isEqualTo(10);
    assertThat(count.take(InetAddress.getLoopbackAddress())).isFalse();
  }

  @Test
  void aSilentConnectionIsClosedAndOneThatWaitsForATaskIsNot() throws Exception {
    with(
        new GatewaySettings.Connections(
            100, 100, List.of(), Duration.ofSeconds(1), Duration.ofSeconds(2)));
    Socket silent = connect("");
    Socket slow = connect("GET /healthz HTTP/1.1\r\nHost: localh");
    Socket idle = connect("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
    Socket waiting = connect(poll("lb", 4));
    assertThat(silent.getInputStream().readAllBytes()).isEmpty();
    assertThat(new String(slow.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
        .isEmpty();
    assertThat(new String(idle.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
        .startsWith("HTTP/1.1 200");
    assertThat(new String(waiting.getInputStream().readNBytes(12), StandardCharsets.US_ASCII))
        .isEqualTo("HTTP/1.1 204");
    assertThat(closed("silent")).isEqualTo(3);
    TestGateway.await("none open", () -> gauge("connections") <= 1);
  }

  @Test
  void aClientThatHasGoneIsForgottenAndHoldsNoTask() throws Exception {
    Socket gone = connect(poll("gone", 30));
    TestGateway.await("a waiting request", () -> gauge("waiting") == 1);
    gone.close();
    TestGateway.await("nobody waits", () -> gauge("waiting") == 0);
    gateway.labels.ask(Comparisons.some("c", 1));
    assertThat(gateway.acme("/v1/leases", Map.of("labelerId", "lb")).status()).isEqualTo(200);
  }

  @Test
  void manyPagesWaitWithoutALookAndAsManyAreWokenAsThereAreTasks() throws Exception {
    int pages = 300;
    for (int i = 0; i < pages; i++) {
      connect(poll("lb" + i, 30));
    }
    TestGateway.await("all wait", () -> gauge("waiting") == pages);
    long before = looks();
    assertThat(before).isEqualTo(pages);
    int threads = Thread.activeCount();
    gateway.labels.ask(Comparisons.some("c", 5));
    TestGateway.await(
        "five are answered",
        () -> gateway.registry.get("plaudit.gateway.leases").counter().count() == 5);
    TestGateway.await("the others wait", () -> gauge("waiting") == pages - 5);
    // While the five are not taken, a pass each second wakes some more: a slow machine makes a few.
    assertThat(looks() - before).isBetween(1L, 100L);
    assertThat(threads).isLessThan(100);
    // Which five came first is not known: they were sent on connections of their own.
    TestGateway.await("five have their answer", () -> answered().size() == 5);
    for (Socket socket : answered()) {
      assertThat(new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII))
          .isEqualTo("HTTP/1.1 200");
    }
    assertThat(gateway.get("/readyz").status()).isEqualTo(200);
  }

  /** The connections on which something has come. */
  private List<Socket> answered() {
    return sockets.stream().filter(socket -> available(socket) > 0).toList();
  }

  private static int available(Socket socket) {
    try {
      return socket.getInputStream().available();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

package plaudit.node.run;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import plaudit.gateway.store.LeaseRenewal;
import plaudit.input.InvalidInputException;
import plaudit.input.UnavailableException;
import plaudit.json.JsonFiles;

/** Against as much of Kubernetes' API as leases are, over HTTP. */
@Timeout(60)
class KubernetesLeaseTest {

  private static final Duration TIME = Duration.ofMillis(1_200);
  private static final String LEASES = "/apis/coordination.k8s.io/v1/namespaces/ours/leases";
  private static final String LEASE = LEASES + "/plaudit-my-run";

  /** Leases by path. */
  private final Map<String, ObjectNode> stored = new ConcurrentHashMap<>();

  private final AtomicLong versions = new AtomicLong();
  private volatile boolean silent;

  @TempDir private Path account;
  private HttpServer server;

  @BeforeEach
  void start() throws IOException {
    Files.writeString(account.resolve("token"), "a-token\n");
    Files.writeString(account.resolve("namespace"), "ours");
    server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    server.createContext("/", this::answer);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  @Test
  void oneOfTwoHasItUntilItEnds() {
    LeaseRenewal one = leases().take("My_run", "one").orElseThrow();
    assertThat(lease().at("/spec/holderIdentity").asText()).isEqualTo("one");
    assertThat(lease().at("/spec/leaseDurationSeconds").asInt()).isEqualTo(2);
    assertThat(lease().at("/spec/renewTime").asText())
        .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{6}Z");
    assertThat(leases().take("My_run", "two")).as("it is renewed meanwhile").isEmpty();
    assertThat(leases().holder("My_run")).hasValue("one");
    assertThat(one.isHeld()).isTrue();

    one.close();
    assertThat(leases().holder("My_run")).isEmpty();
    try (LeaseRenewal two = leases().take("My_run", "two").orElseThrow()) {
      assertThat(two.isHeld()).isTrue();
      assertThat(lease().at("/spec/leaseTransitions").asInt()).isEqualTo(2);
    }
  }

  @Test
  void aHolderThatDoesNotRenewItLosesItBeforeAnotherGetsIt() {
    LeaseRenewal one = leases().take("My_run", "one").orElseThrow();
    silent = true; // cut off from the API
    await(() -> !one.isHeld());
    silent = false;
    long begin = System.nanoTime();
    try (LeaseRenewal two = leases().take("My_run", "two").orElseThrow()) {
      assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThanOrEqualTo(TIME);
      one.close(); // gives nothing up that it has no more
      assertThat(lease().at("/spec/holderIdentity").asText()).isEqualTo("two");
      assertThat(two.isHeld()).isTrue();
    }
  }

  @Test
  void whatAnotherProcessHasTakenIsLostAtOnce() {
    try (LeaseRenewal one = leases().take("My_run", "one").orElseThrow()) {
      ObjectNode other = lease().deepCopy();
      other.withObject("/spec").put("holderIdentity", "two").put("leaseTransitions", 7);
      store(LEASE, other);
      await(() -> !one.isHeld());
    }
    assertThat(lease().at("/spec/holderIdentity").asText()).isEqualTo("two");
  }

  @Test
  void anApiThatRefusesOrIsNotThereIsNamed() throws IOException {
    Files.writeString(account.resolve("token"), "another");
    assertThatThrownBy(() -> leases().take("My_run", "one"))
        .isExactlyInstanceOf(InvalidInputException.class)
        .hasMessageContaining(LEASE)
        .hasMessageContaining("status 401");
    server.stop(0);
    assertThatThrownBy(() -> leases().take("My_run", "one"))
        .isExactlyInstanceOf(UnavailableException.class);
    assertThatThrownBy(() -> api("ftp://x"))
        .hasMessage("plaudit.run.lease.kubernetes.api: ftp://x (expected: https://HOST:PORT)");
    Files.delete(account.resolve("token"));
    assertThatThrownBy(() -> api("http://127.0.0.1:1"))
        .isExactlyInstanceOf(InvalidInputException.class)
        .hasMessageContaining("plaudit.run.lease.kubernetes.account: " + account);
  }

  private KubernetesLease leases() {
    return new KubernetesLease(
        api("http://127.0.0.1:" + server.getAddress().getPort()), TIME, InstantSource.system());
  }

  private KubernetesLease.Api api(String address) {
    return KubernetesLease.Api.of(address, account, "", Duration.ofMillis(400));
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      if (silent) {
        exchange.sendResponseHeaders(503, -1);
        return;
      }
      if (!"Bearer a-token".equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
        exchange.sendResponseHeaders(401, -1);
        return;
      }
      String path = exchange.getRequestURI().getPath();
      Optional<ObjectNode> sent = sent(exchange);
      synchronized (stored) {
        switch (exchange.getRequestMethod()) {
          case "GET" -> send(exchange, stored.containsKey(path) ? 200 : 404, stored.get(path));
          case "POST" -> {
            String own = path + "/" + sent.orElseThrow().at("/metadata/name").asText();
            boolean there = stored.containsKey(own);
            send(exchange, there ? 409 : 201, there ? null : store(own, sent.get()));
          }
          default -> {
            boolean same = version(stored.get(path)).equals(version(sent.orElseThrow()));
            send(exchange, same ? 200 : 409, same ? store(path, sent.get()) : null);
          }
        }
      }
    }
  }

  private ObjectNode lease() {
    return Objects.requireNonNull(stored.get(LEASE));
  }

  private ObjectNode store(String path, ObjectNode lease) {
    lease.withObject("/metadata").put("resourceVersion", Long.toString(versions.incrementAndGet()));
    stored.put(path, lease);
    return lease;
  }

  private static String version(@Nullable JsonNode lease) {
    return lease == null ? "" : lease.at("/metadata/resourceVersion").asText();
  }

  private static Optional<ObjectNode> sent(HttpExchange exchange) throws IOException {
    String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
    return body.isEmpty()
        ? Optional.empty()
        : Optional.of((ObjectNode) JsonFiles.MAPPER.readTree(body));
  }

  private static void send(HttpExchange exchange, int status, @Nullable JsonNode body)
      throws IOException {
    byte[] bytes = body == null ? new byte[0] : body.toString().getBytes(UTF_8);
    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    if (bytes.length > 0) {
      exchange.getResponseBody().write(bytes);
    }
  }

  private static void await(BooleanSupplier condition) {
    while (!condition.getAsBoolean()) {
      Thread.onSpinWait();
    }
  }
}

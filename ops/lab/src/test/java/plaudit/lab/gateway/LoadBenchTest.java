package plaudit.lab.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import plaudit.input.InvalidInputException;
import plaudit.lab.gateway.LoadBench.Plan;
import plaudit.lab.gateway.LoadBench.Row;
import plaudit.lab.gateway.LoadBench.Scenario;
import plaudit.lab.gateway.LoadBench.Target;

/** What a load says of a real gateway, and of one that stands still for a second. */
class LoadBenchTest {

  private final Path directory;

  LoadBenchTest(@TempDir Path directory) {
    this.directory = directory;
  }

  @Test
  @Timeout(200)
  void aGatewayStoresWhatItIsSentInBatches() throws Exception {
    List<Row> rows =
        new LoadBench(new Plan(Scenario.BATCH, 50, 2, 1, 10, 4, null, directory)).run();

    assertThat(rows).hasSize(1);
    assertThat(rows.get(0).refused()).isEmpty();
    assertThat(rows.get(0).done()).isPositive();
    assertThat(rows.get(0).p50()).isPositive().isLessThanOrEqualTo(rows.get(0).max());
  }

  /** One connection, a stop of a second: those who had to wait for it are counted as waiting. */
  @Test
  @Timeout(60)
  void aGatewayThatStandsStillIsSeenToStandStill() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    AtomicInteger judgments = new AtomicInteger();
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/v1/leases", exchange -> answer(exchange, 200, leases(50)));
    server.createContext(
        "/v1/judgments",
        exchange -> {
          int number = judgments.incrementAndGet();
          if (number == 50) {
            stand(never);
          }
          answer(exchange, number == 60 ? 429 : 201, "{}");
        });
    server.start();
    try {
      URI url = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
      Plan plan = new Plan(Scenario.SINGLE, 50, 2, 0, 1, 1, new Target(url, "any key"), directory);

      Row row = new LoadBench(plan).run().get(0);

      assertThat(row.max()).isGreaterThanOrEqualTo(1_000);
      assertThat(row.p90()).as("thirty of a hundred waited 0.4 s and more").isGreaterThan(400);
      assertThat(row.refused()).containsExactlyEntriesOf(java.util.Map.of(429, 1L));
    } finally {
      server.stop(0);
    }
  }

  @Test
  void onlyThisMachineIsLoaded() {
    assertThatThrownBy(() -> new Target(URI.create("http://192.0.2.1:8080"), "key"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(
            "--url: http://192.0.2.1:8080 (expected: a gateway on this machine (127.0.0.1))");
  }

  private static void stand(CountDownLatch never) {
    try {
      assertThat(never.await(1_000, TimeUnit.MILLISECONDS)).isFalse();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static String leases(int count) {
    String lease =
        "{\"leaseId\":\"ls\",\"epoch\":1,\"task\":{\"choices\":[{\"choiceId\":\"ch\"}]}}";
    return "{\"leases\":[" + (lease + ",").repeat(count - 1) + lease + "]}";
  }

  private static void answer(HttpExchange exchange, int status, String json) throws IOException {
    byte[] body = json.getBytes(StandardCharsets.UTF_8);
    exchange.getRequestBody().readAllBytes();
    exchange.getResponseHeaders().add("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }
}

package plaudit.node.vendor;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The documented API over real HTTP, with as much behind it as the client can see: tasks from a
 * queue, judgments by Idempotency-Key, and troubles on order.
 */
final class FakeGateway implements AutoCloseable {

  static final String KEY = "secret-key";

  /** A judgment as it arrived. */
  record Received(String idempotencyKey, JsonNode body) {}

  /** A refusal to give instead of the answer. */
  record Trouble(int status, Map<String, String> headers, String body) {}

  private static final ObjectMapper JSON = new ObjectMapper();

  private final BlockingQueue<String> tasks = new LinkedBlockingQueue<>();
  private final ConcurrentLinkedQueue<Trouble> leaseTroubles = new ConcurrentLinkedQueue<>();
  private final ConcurrentLinkedQueue<Trouble> judgmentTroubles = new ConcurrentLinkedQueue<>();
  private final List<Received> tries = Collections.synchronizedList(new ArrayList<>());
  private final Map<String, JsonNode> judgments = new ConcurrentHashMap<>();
  private final List<String> released = Collections.synchronizedList(new ArrayList<>());
  private final AtomicInteger leases = new AtomicInteger();
  private final CountDownLatch firstLease = new CountDownLatch(1);
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final HttpServer http;
  private volatile boolean loseAcknowledgements;

  FakeGateway() throws IOException {
    http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    http.createContext("/", this::answer);
    http.setExecutor(threads);
    http.start();
  }

  URI url() {
    return URI.create("http://127.0.0.1:" + http.getAddress().getPort());
  }

  /** Puts tasks of four texts each in the queue. */
  void offer(int count) {
    for (int i = 1; i <= count; i++) {
      tasks.add("cmp-" + (leases.get() + i));
    }
  }

  void leaseTrouble(Trouble trouble) {
    leaseTroubles.add(trouble);
  }

  void judgmentTrouble(Trouble trouble) {
    judgmentTroubles.add(trouble);
  }

  /** Stores the next judgment, but closes the connection instead of saying so. */
  void loseNextAcknowledgement() {
    loseAcknowledgements = true;
  }

  /** Every attempt to deliver a judgment. */
  List<Received> tries() {
    return List.copyOf(tries);
  }

  /** What is stored, by Idempotency-Key. */
  Map<String, JsonNode> judgments() {
    return Map.copyOf(judgments);
  }

  List<String> released() {
    return List.copyOf(released);
  }

  boolean awaitLease() throws InterruptedException {
    return firstLease.await(10, TimeUnit.SECONDS);
  }

  @Override
  public void close() {
    http.stop(0);
    threads.shutdownNow();
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      if (!("Bearer " + KEY).equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
        send(exchange, 401, "{\"type\":\"/problems/unauthenticated\",\"detail\":\"no such key\"}");
        return;
      }
      String path = exchange.getRequestURI().getPath();
      JsonNode body = JSON.readTree(exchange.getRequestBody());
      if (path.equals("/v1/leases")) {
        lease(exchange, body);
      } else if (path.equals("/v1/judgments")) {
        judge(exchange, body);
      } else if (path.endsWith(":release")) {
        released.add(path.substring("/v1/leases/".length(), path.length() - ":release".length()));
        exchange.sendResponseHeaders(204, -1);
      } else {
        send(exchange, 404, "{}");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void lease(HttpExchange exchange, JsonNode body)
      throws IOException, InterruptedException {
    if (trouble(exchange, leaseTroubles.poll())) {
      return;
    }
    String comparison = tasks.poll(body.path("waitSeconds").asInt(), TimeUnit.SECONDS);
    if (comparison == null) {
      exchange.sendResponseHeaders(204, -1);
      return;
    }
    String lease =
        """
        {"leases":[{"leaseId":"ls-%1$s","epoch":3,"expireTime":"2026-10-01T09:15:00Z",
          "heartbeatSeconds":60,
          "task":{"taskId":"tk-%1$s","comparisonId":"%1$s","guidelineVersion":"1",
            "query":{"text":"It was %1$s"},
            "choices":[{"choiceId":"a","text":"bad"},{"choiceId":"b","text":"awful"},
                       {"choiceId":"c","text":"good"},{"choiceId":"d","text":"dull"}],
            "allow":["TIE","NONE_ACCEPTABLE"]}}]}
        """
            .formatted(comparison);
    leases.incrementAndGet();
    firstLease.countDown();
    send(exchange, 200, lease);
  }

  private void judge(HttpExchange exchange, JsonNode body) throws IOException {
    String key = String.valueOf(exchange.getRequestHeaders().getFirst("Idempotency-Key"));
    tries.add(new Received(key, body));
    if (trouble(exchange, judgmentTroubles.poll())) {
      return;
    }
    judgments.put(key, body);
    if (loseAcknowledgements) {
      loseAcknowledgements = false;
      return; // closed without an answer
    }
    send(exchange, 201, "{\"disposition\":\"ADMITTED\"}");
  }

  private static boolean trouble(HttpExchange exchange, @Nullable Trouble trouble)
      throws IOException {
    if (trouble == null) {
      return false;
    }
    trouble.headers().forEach((name, value) -> exchange.getResponseHeaders().set(name, value));
    send(exchange, trouble.status(), trouble.body());
    return true;
  }

  private static void send(HttpExchange exchange, int status, String json) throws IOException {
    byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }
}

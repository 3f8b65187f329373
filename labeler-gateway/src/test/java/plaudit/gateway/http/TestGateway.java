package plaudit.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.typesafe.config.ConfigFactory;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import plaudit.gateway.Gateway;
import plaudit.gateway.json.Json;
import plaudit.gateway.store.JdbcLabels;
import plaudit.gateway.store.Stores;

/** A gateway on a free port over a store in a real file, with a client that speaks its API. */
public final class TestGateway implements AutoCloseable {

  public static final String ACME = "acme-key-with-more-than-24-characters";
  public static final String OTHER = "other-key-with-more-than-24-characters";

  public final ActorSystem<Void> system;
  public final JdbcLabels labels;
  public final Gateway gateway;
  public final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  /** Starts with the default settings changed by {@code change}. */
  public TestGateway(Path directory, RunView run, UnaryOperator<GatewaySettings> change) {
    this(Stores.open(directory), run, change);
  }

  /** The same over a store that is open already. */
  public TestGateway(JdbcLabels store, RunView run, UnaryOperator<GatewaySettings> change) {
    system = ActorSystem.create(Behaviors.empty(), "gateway-test", ConfigFactory.load());
    labels = store;
    GatewaySettings settings =
        change.apply(
            GatewaySettings.from(ConfigFactory.load())
                .withPort(0)
                .withRate(10_000, 10_000)
                .withVendor("acme", ACME)
                .withVendor("other", OTHER));
    gateway =
        Gateway.start(system, settings, labels, run, new GatewayMeters(registry))
            .toCompletableFuture()
            .join();
  }

  public TestGateway(Path directory) {
    this(directory, RunView.none(), settings -> settings);
  }

  /** An answer. */
  public record Answer(int status, JsonNode json, HttpResponse<String> raw) {
    public String text(String field) {
      return json.path(field).asText();
    }

    public String problem() {
      return text("type").replace("/problems/", "");
    }

    public String header(String name) {
      return raw.headers().firstValue(name).orElse("");
    }
  }

  public Answer get(String path, String... headers) {
    return send(request(path, headers).GET().build());
  }

  public Answer post(String path, String body, String... headers) {
    return send(
        request(path, headers)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build());
  }

  /** As vendor acme. */
  public Answer acme(String path, Object body, String... headers) {
    String json = body instanceof String text ? text : Json.write(body);
    return send(
        request(path, headers)
            .header("Content-Type", "application/json")
            .header("Authorization", "Bearer " + ACME)
            .POST(HttpRequest.BodyPublishers.ofString(json))
            .build());
  }

  public Answer acme(String path) {
    return get(path, "Authorization", "Bearer " + ACME);
  }

  /** The first leased task of labeler {@code lb}. */
  public JsonNode lease() {
    return acme("/v1/leases", Map.of("labelerId", "lb")).json().path("leases").path(0);
  }

  /** A judgment of {@code lease} for its display's choice number {@code i}. */
  public static Map<String, Object> judgment(JsonNode lease, int i) {
    return Map.of(
        "leaseId", lease.path("leaseId").asText(),
        "epoch", lease.path("epoch").asInt(),
        "labelerId", "lb",
        "choiceId", lease.at("/task/choices/" + i + "/choiceId").asText());
  }

  public HttpRequest.Builder request(String path, String... headers) {
    HttpRequest.Builder builder = HttpRequest.newBuilder(uri(path)).timeout(Duration.ofSeconds(40));
    if (headers.length > 0) {
      builder.headers(headers);
    }
    return builder;
  }

  public URI uri(String path) {
    return URI.create(gateway.url() + path);
  }

  public CompletableFuture<Answer> sendAsync(HttpRequest request) {
    return client
        .sendAsync(request, HttpResponse.BodyHandlers.ofString())
        .thenApply(TestGateway::answer);
  }

  /** Sends a request of vendor acme for a task of labeler {@code lb}; returns once it waits. */
  public CompletableFuture<Answer> awaitTask() throws InterruptedException {
    CompletableFuture<Answer> answer =
        sendAsync(
            request("/v1/leases", "Authorization", "Bearer " + ACME)
                .header("Content-Type", "application/json")
                .POST(
                    HttpRequest.BodyPublishers.ofString(
                        "{\"labelerId\":\"lb\",\"waitSeconds\":30}"))
                .build());
    await("a waiting request", () -> registry.get("plaudit.gateway.waiting").gauge().value() >= 1);
    return answer;
  }

  /** Waits until {@code condition} holds; fails after 20 s, and at once on an interrupt. */
  public static void await(String what, BooleanSupplier condition) throws InterruptedException {
    Instant end = Instant.now().plusSeconds(20);
    CountDownLatch pause = new CountDownLatch(1);
    while (!condition.getAsBoolean()) {
      assertThat(Instant.now()).as("%s within 20 s", what).isBefore(end);
      assertThat(pause.await(10, TimeUnit.MILLISECONDS)).isFalse();
    }
  }

  public Answer send(HttpRequest request) {
    try {
      return answer(client.send(request, HttpResponse.BodyHandlers.ofString()));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Answer answer(HttpResponse<String> response) {
    boolean json = response.headers().firstValue("Content-Type").orElse("").contains("json");
    return new Answer(response.statusCode(), Json.tree(json ? response.body() : "{}"), response);
  }

  @Override
  public void close() {
    gateway.drain().toCompletableFuture().join();
    system.terminate();
    system.getWhenTerminated().toCompletableFuture().join();
    labels.close();
  }
}

package plaudit.gateway.http;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import plaudit.gateway.http.Router.Access;
import plaudit.gateway.http.Router.Endpoint;
import plaudit.gateway.store.JdbcLabels;
import plaudit.phase.Health;

/** Health, the API's description, and the catalogue of problems. */
final class HealthApi {

  private static final int PROBE_SECONDS = 2;

  private final JdbcLabels labels;
  private final Executor blocking;
  private final AtomicReference<CompletableFuture<Boolean>> probe = new AtomicReference<>();
  private final BooleanSupplier draining;

  /**
   * Over a store.
   *
   * @param blocking a thread that the store may block, not one of those that requests wait for
   */
  HealthApi(JdbcLabels labels, Executor blocking, BooleanSupplier draining) {
    this.labels = labels;
    this.blocking = blocking;
    this.draining = draining;
  }

  List<Endpoint> endpoints() {
    String openApi = new String(Replies.resource("openapi.json"), StandardCharsets.UTF_8);
    return List.of(
        open("/healthz", call -> done(alive())),
        open("/readyz", call -> ready()),
        open("/openapi.json", call -> done(Replies.text(200, openApi))),
        open("/problems/{type}", this::problem));
  }

  private static Endpoint open(String template, Router.Handler handler) {
    return new Endpoint("GET", template, Access.OPEN, 0, handler);
  }

  private HttpResponse alive() {
    Health health = Health.alive(labels.broken().stream().toList());
    return Replies.text(health.status(), health.json());
  }

  /** What is missing is said as a problem, the shape of every refusal of this API. */
  private CompletionStage<HttpResponse> ready() {
    CompletionStage<Boolean> answers =
        draining.getAsBoolean() ? CompletableFuture.completedFuture(false) : probe();
    return answers.thenApply(
        answering -> {
          List<String> missing =
              draining.getAsBoolean()
                  ? List.of("shutting down")
                  : answering ? List.of() : List.of("the label store does not answer");
          Health health = Health.ready(missing);
          if (health.status() != 200) {
            throw Problem.of(Problem.Kind.TEMPORARY_REDUCED_CAPACITY, String.join(", ", missing))
                .with("retryAfter", 2)
                .thrown();
          }
          return Replies.text(health.status(), health.json());
        });
  }

  /** One look at the store at a time for all requests; none waits long for it. */
  private CompletionStage<Boolean> probe() {
    CompletableFuture<Boolean> mine = new CompletableFuture<>();
    CompletableFuture<Boolean> running = probe.compareAndExchange(null, mine);
    if (running == null) {
      blocking.execute(
          () -> {
            boolean ready = false;
            try {
              ready = labels.ready();
            } finally {
              probe.set(null);
              mine.complete(ready);
            }
          });
    }
    return (running == null ? mine : running)
        .copy()
        .completeOnTimeout(false, PROBE_SECONDS, TimeUnit.SECONDS);
  }

  private CompletionStage<HttpResponse> problem(Call call) {
    String type = call.part("type");
    return done(
        Stream.of(Problem.Kind.values())
            .filter(kind -> kind.suffix().equals(type))
            .findFirst()
            .map(
                kind ->
                    Replies.json(
                        200,
                        Map.of(
                            "type", kind.type(), "title", kind.title(), "status", kind.status())))
            .orElseThrow(
                () -> Problem.of(Problem.Kind.NOT_FOUND, "problem type: " + type).thrown()));
  }

  private static CompletionStage<HttpResponse> done(HttpResponse response) {
    return CompletableFuture.completedFuture(response);
  }
}

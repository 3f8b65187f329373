package plaudit.node.vendor;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.random.RandomGenerator;
import java.util.stream.StreamSupport;

/**
 * The gateway seen from outside: two requests of its public API, repeated until they are answered.
 *
 * <p>A judgment keeps its Idempotency-Key over all its tries, so that one whose acknowledgement was
 * lost on the way is not counted twice.
 */
final class GatewayClient {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Set<Integer> AGAIN = Set.of(408, 429, 500, 502, 503, 504);

  /** Statuses by which a working gateway asks for patience: waiting for them has no limit. */
  private static final Set<Integer> LATER = Set.of(429, 503);

  private static final int LAST_TRIES_AFTER_STOP = 3;

  private final VendorSettings settings;
  private final StopSignal stopping;
  private final Runnable onRetry;
  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(10))
          .build();

  GatewayClient(VendorSettings settings, StopSignal stopping, Runnable onRetry) {
    this.settings = settings;
    this.stopping = stopping;
    this.onRetry = onRetry;
  }

  /** The gateway's answer to a judgment. */
  sealed interface Receipt {
    /** It is stored. */
    record Delivered() implements Receipt {}

    /** It is not, and will not be however often it is sent. */
    record Refused(int status, String reason) implements Receipt {}

    /** Unknown: the vendor was stopped while it waited to send it again. */
    record Abandoned() implements Receipt {}
  }

  /** Waits for a task; empty when there is none yet or the vendor was stopped. */
  Optional<LeasedTask> lease(String labelerId, RandomGenerator random) throws InterruptedException {
    ObjectNode body = JSON.createObjectNode();
    body.put("labelerId", labelerId);
    body.put("max", 1);
    body.put("waitSeconds", settings.longPoll().toSeconds());
    Optional<HttpResponse<String>> answer = send(request("/v1/leases", body).build(), 0, random);
    if (answer.isEmpty()) {
      return Optional.empty();
    }
    HttpResponse<String> response = answer.get();
    return switch (response.statusCode()) {
      case 200 -> tasks(response).stream().findFirst();
      case 204 -> {
        stopping.await(pauseWithoutTasks(response, random));
        yield Optional.empty();
      }
      case 404, 405 ->
          throw new VendorException(
              "no labeling API at %s (POST /v1/leases: %d)"
                  .formatted(settings.gateway(), response.statusCode()));
      default ->
          throw new VendorException(
              "POST /v1/leases: %d %s (expected: 200 or 204)"
                  .formatted(response.statusCode(), reason(response)));
    };
  }

  /** Delivers one judgment: the index of the best choice, or {@link Judge#TIE}. */
  Receipt judge(
      LeasedTask task, String labelerId, int best, String idempotencyKey, RandomGenerator random)
      throws InterruptedException {
    ObjectNode body = JSON.createObjectNode();
    body.put("leaseId", task.leaseId());
    body.put("epoch", task.epoch());
    body.put("labelerId", labelerId);
    if (best == Judge.TIE) {
      body.put("verdict", "TIE");
    } else {
      body.put("choiceId", task.choiceIds().get(best));
    }
    HttpRequest request =
        request("/v1/judgments", body)
            .header("Idempotency-Key", '"' + idempotencyKey + '"')
            .build();
    Optional<HttpResponse<String>> answer = send(request, LAST_TRIES_AFTER_STOP, random);
    if (answer.isEmpty()) {
      return new Receipt.Abandoned();
    }
    int status = answer.get().statusCode();
    return status / 100 == 2
        ? new Receipt.Delivered()
        : new Receipt.Refused(status, reason(answer.get()));
  }

  /** Hands a task back without a judgment; if that fails, its lease runs out by itself. */
  void release(LeasedTask task) throws InterruptedException {
    HttpRequest request =
        request("/v1/leases/" + task.leaseId() + ":release", JSON.createObjectNode())
            .timeout(Duration.ofSeconds(2))
            .build();
    try {
      http.send(request, HttpResponse.BodyHandlers.discarding());
    } catch (IOException e) {
      // The lease runs out.
    }
  }

  private HttpRequest.Builder request(String path, ObjectNode body) {
    return HttpRequest.newBuilder(URI.create(withoutSlash(settings.gateway()) + path))
        .timeout(settings.longPoll().plusSeconds(15))
        .header("Authorization", "Bearer " + settings.key())
        .header("Content-Type", "application/json")
        .header("Accept", "application/json")
        .POST(HttpRequest.BodyPublishers.ofString(body.toString()));
  }

  /**
   * Sends until there is an answer that sending again would not change.
   *
   * @param triesAfterStop how often it is still tried once the vendor is stopping
   * @return empty if the vendor was stopped first
   */
  private Optional<HttpResponse<String>> send(
      HttpRequest request, int triesAfterStop, RandomGenerator random) throws InterruptedException {
    int failures = 0;
    int triesLeft = triesAfterStop;
    Duration unreachable = Duration.ZERO;
    while (true) {
      boolean stopped = stopping.isGiven();
      if (stopped && triesLeft-- <= 0) {
        return Optional.empty();
      }
      Attempt attempt = attempt(request, stopped || triesAfterStop > 0);
      if (attempt instanceof Attempt.Stopped) {
        return Optional.empty();
      }
      Optional<String> retryAfter = Optional.empty();
      boolean counts = true;
      String trouble;
      if (attempt instanceof Attempt.Answered answered) {
        HttpResponse<String> response = answered.response();
        int status = response.statusCode();
        if (status == 401 || status == 403) {
          throw new VendorException(
              "the gateway at %s refuses the key: %d %s"
                  .formatted(settings.gateway(), status, reason(response)));
        }
        if (!AGAIN.contains(status) && !inProgress(response)) {
          return Optional.of(response);
        }
        retryAfter = response.headers().firstValue("Retry-After");
        counts = !LATER.contains(status);
        trouble = "answers " + status;
      } else {
        trouble = ((Attempt.Lost) attempt).cause().toString();
      }
      failures++;
      onRetry.run();
      Duration pause = Backoff.pause(failures, retryAfter, random);
      if (counts) {
        unreachable = unreachable.plus(pause);
        if (unreachable.compareTo(settings.patience()) > 0) {
          throw new VendorException(
              "no usable answer from %s for %d s: %s"
                  .formatted(settings.gateway(), settings.patience().toSeconds(), trouble));
        }
      }
      stopping.await(pause);
    }
  }

  private sealed interface Attempt {
    record Answered(HttpResponse<String> response) implements Attempt {}

    record Lost(Throwable cause) implements Attempt {}

    record Stopped() implements Attempt {}
  }

  private Attempt attempt(HttpRequest request, boolean toTheEnd) throws InterruptedException {
    CompletableFuture<HttpResponse<String>> answer =
        http.sendAsync(request, HttpResponse.BodyHandlers.ofString());
    try {
      if (toTheEnd || !stopping.awaitUnless(answer)) {
        return new Attempt.Answered(answer.get());
      }
      // A task may be on its way: caught now it is handed back, missed it waits for its lease.
      return new Attempt.Answered(answer.get(1, TimeUnit.SECONDS));
    } catch (TimeoutException e) {
      answer.cancel(true);
      return new Attempt.Stopped();
    } catch (ExecutionException e) {
      return new Attempt.Lost(e.getCause() == null ? e : e.getCause());
    }
  }

  /** After an empty answer that came without waiting, a moment; else what the gateway asks for. */
  private Duration pauseWithoutTasks(HttpResponse<String> response, RandomGenerator random) {
    Optional<String> retryAfter = response.headers().firstValue("Retry-After");
    return retryAfter.isEmpty() && settings.longPoll().isZero()
        ? Duration.ofMillis(200)
        : retryAfter.map(value -> Backoff.pause(1, retryAfter, random)).orElse(Duration.ZERO);
  }

  private static List<LeasedTask> tasks(HttpResponse<String> response) {
    return StreamSupport.stream(parse(response).path("leases").spliterator(), false)
        .map(LeasedTask::from)
        .toList();
  }

  private static boolean inProgress(HttpResponse<String> response) {
    return response.statusCode() == 409
        && parse(response).path("type").asText().endsWith("request-in-progress");
  }

  /** What a problem document (RFC 9457) says, or the beginning of the body. */
  private static String reason(HttpResponse<String> response) {
    JsonNode problem = parse(response);
    for (String field : List.of("detail", "title", "type")) {
      if (problem.path(field).isTextual()) {
        return problem.path(field).asText();
      }
    }
    String text = response.body().strip();
    return text.substring(0, Math.min(200, text.length()));
  }

  private static JsonNode parse(HttpResponse<String> response) {
    try {
      return JSON.readTree(response.body());
    } catch (JsonProcessingException e) {
      return MissingNode.getInstance();
    }
  }

  private static String withoutSlash(URI url) {
    String text = url.toString();
    return text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
  }
}

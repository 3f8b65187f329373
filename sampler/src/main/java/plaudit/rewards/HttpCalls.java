package plaudit.rewards;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import plaudit.input.InvalidInputException;
import plaudit.json.JsonFiles;
import plaudit.rewards.SourceSettings.Http;

/**
 * Posts JSON and reads JSON, without a thread that waits: so many requests at a time, others queue.
 * A request that fails in any way is repeated after a pause that doubles; one in a pause keeps its
 * place, so that a server that is down is asked the less.
 */
final class HttpCalls implements AutoCloseable {

  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);
  private static final int LONGEST_EXCERPT = 120;

  private final String source;
  private final Http settings;
  private final URI url;
  private final Optional<String> key;
  private final SourceMonitor monitor;
  private final HttpClient http;
  private final SplittableRandom random = new SplittableRandom();
  private final Deque<Call<?>> waiting = new ArrayDeque<>();
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          work -> {
            Thread thread = new Thread(work, "reward-source");
            thread.setDaemon(true);
            return thread;
          });
  private int running;

  /**
   * Calls of one URL.
   *
   * @param source whose they are, by its name
   * @throws InvalidInputException if the variable that is to have the key is not set
   */
  HttpCalls(String source, String section, Http settings, URI url, SourceMonitor monitor) {
    this.source = source;
    this.settings = settings;
    this.url = url;
    this.monitor = monitor;
    this.key = key(section, settings.keyEnv());
    this.http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(settings.timeout())
            .build();
  }

  private static Optional<String> key(String section, String variable) {
    if (variable.isEmpty()) {
      return Optional.empty();
    }
    String value = System.getenv(variable);
    if (value == null || value.isBlank()) {
      throw InvalidInputException.of(
          section + ".key-env", variable, "a variable that is set, with the key");
    }
    return Optional.of(value.strip());
  }

  /** The server's answer is not what was asked for; the message says what it is. */
  static final class BadAnswer extends RuntimeException {
    BadAnswer(String message) {
      super(message);
    }
  }

  private record Call<T>(
      HttpRequest request, Function<JsonNode, T> read, CompletableFuture<T> result, int failures) {

    Call<T> failedOnceMore() {
      return new Call<>(request, read, result, failures + 1);
    }
  }

  /**
   * Posts {@code body}.
   *
   * @param read makes the result of the answer, or throws {@link BadAnswer}
   * @return fails when the last repetition has failed
   */
  <T> CompletableFuture<T> post(JsonNode body, Function<JsonNode, T> read) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(url)
            .timeout(settings.timeout())
            .header("Content-Type", "application/json")
            .header("Accept", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body.toString(), StandardCharsets.UTF_8));
    key.ifPresent(it -> request.header("Authorization", "Bearer " + it));
    Call<T> call = new Call<>(request.build(), read, new CompletableFuture<>(), 0);
    synchronized (this) {
      waiting.add(call);
    }
    startMore();
    return call.result();
  }

  private void startMore() {
    while (true) {
      Call<?> call;
      synchronized (this) {
        if (running >= settings.inFlight() || waiting.isEmpty()) {
          return;
        }
        running++;
        call = waiting.remove();
      }
      attempt(call);
    }
  }

  private <T> void attempt(Call<T> call) {
    CompletableFuture<HttpResponse<String>> exchange =
        http.sendAsync(call.request(), HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
    // The request's own timeout ends with the headers.
    var unused =
        exchange
            .copy()
            .orTimeout(settings.timeout().plusSeconds(1).toMillis(), TimeUnit.MILLISECONDS)
            .whenComplete(
                (response, failure) -> {
                  exchange.cancel(true);
                  answered(call, response, failure);
                });
  }

  private <T> void answered(
      Call<T> call, @Nullable HttpResponse<String> response, @Nullable Throwable failure) {
    if (response == null) {
      again(call, failure == null ? "no answer" : words(failure), Optional.empty());
      return;
    }
    T result;
    try {
      result = read(call, response);
    } catch (RuntimeException e) {
      String what = e instanceof BadAnswer ? String.valueOf(e.getMessage()) : e.toString();
      again(call, what, retryAfter(response));
      return;
    }
    monitor.worked(source);
    release();
    call.result().complete(result);
  }

  private <T> T read(Call<T> call, HttpResponse<String> response) {
    if (response.statusCode() / 100 != 2) {
      throw new BadAnswer("HTTP " + response.statusCode() + excerpt(response.body()));
    }
    JsonNode json;
    try {
      json = JsonFiles.MAPPER.readTree(response.body());
    } catch (JsonProcessingException e) {
      throw new BadAnswer("no JSON" + excerpt(response.body()));
    }
    return call.read().apply(json);
  }

  private void again(Call<?> call, String what, Optional<Duration> asked) {
    String words = url + ": " + what;
    monitor.failed(source, words);
    Call<?> next = call.failedOnceMore();
    if (next.failures() > settings.retries()) {
      release();
      call.result().completeExceptionally(new IllegalStateException(words));
      return;
    }
    try {
      var unused =
          timer.schedule(
              () -> attempt(next),
              asked.orElseGet(() -> pause(next.failures())).toMillis(),
              TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      call.result().completeExceptionally(new IllegalStateException("the source is closed"));
    }
  }

  /** Doubling, and jittered by half so that many scorers do not come back at once. */
  private Duration pause(int failures) {
    long doubled =
        Math.min(
            LONGEST_PAUSE.toMillis(), settings.backoff().toMillis() << Math.min(failures - 1, 16));
    synchronized (this) {
      return Duration.ofMillis(doubled / 2 + random.nextLong(doubled / 2 + 1));
    }
  }

  private static Optional<Duration> retryAfter(HttpResponse<?> response) {
    return response
        .headers()
        .firstValue("Retry-After")
        .filter(it -> it.matches("[0-9]{1,3}"))
        .map(it -> Duration.ofSeconds(Long.parseLong(it)));
  }

  private void release() {
    synchronized (this) {
      running--;
    }
    startMore();
  }

  private String excerpt(String body) {
    String line = body.strip().replaceAll("\\s+", " ");
    String secret = key.map(it -> line.replace(it, "***")).orElse(line);
    return secret.isEmpty()
        ? ""
        : ": " + secret.substring(0, Math.min(LONGEST_EXCERPT, secret.length()));
  }

  private static String words(Throwable failure) {
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    String message = cause.getMessage() == null ? "" : " (" + cause.getMessage() + ")";
    return cause.getClass().getSimpleName() + message;
  }

  /** Requests that wait fail; answers that come later are dropped. */
  @Override
  public void close() {
    timer.shutdownNow();
    synchronized (this) {
      waiting.clear();
    }
  }
}

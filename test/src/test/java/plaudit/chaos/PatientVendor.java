package plaudit.chaos;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * People behind the public API who write down every acknowledged judgment and send each, under the
 * same Idempotency-Key, until a gateway has answered: whatever happens to gateways, what is in this
 * book must be in the database once. They judge no more than they are allowed to, so that a test
 * can hold a run back.
 */
final class PatientVendor implements AutoCloseable {

  /** A key for the gateway's settings. */
  static final String KEY = "a-key-of-at-least-24-characters";

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int AGAIN_MILLIS = 50;
  private static final long TRICKLE_NANOS = 300_000_000;

  private final List<URI> gateways;
  private final Duration thinking;
  private final Semaphore allowed = new Semaphore(0);
  private final Map<String, String> acknowledged = new ConcurrentHashMap<>();
  private final Map<String, String> contradictions = new ConcurrentHashMap<>();
  private final AtomicLong repeats = new AtomicLong();
  private final List<Thread> people = new ArrayList<>();
  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(2))
          .build();
  private int given;
  private long lastGiven;
  private final CountDownLatch home = new CountDownLatch(1);

  /**
   * Sends {@code count} people to work, each at the next one of the gateways.
   *
   * @param thinking time for each judgment
   */
  PatientVendor(List<URI> gateways, int count, Duration thinking) {
    this.gateways = List.copyOf(gateways);
    this.thinking = thinking;
    for (int i = 0; i < count; i++) {
      int number = i;
      Thread person = new Thread(() -> work(number), "person-" + number);
      person.setDaemon(true);
      people.add(person);
      person.start();
    }
  }

  /** So many more judgments may be given. */
  void allow(int more) {
    given += more;
    lastGiven = System.nanoTime();
    allowed.release(more);
  }

  /** One more may be given, but not more than three a second, and {@code limit} in all. */
  void trickle(int limit) {
    if (given < limit && System.nanoTime() - lastGiven > TRICKLE_NANOS) {
      allow(1);
    }
  }

  /** Acknowledged judgments: the gateway's id of each by the comparison and the person. */
  Map<String, String> acknowledged() {
    return Map.copyOf(acknowledged);
  }

  /** Judgments that were acknowledged under two ids: there must be none. */
  Map<String, String> contradictions() {
    return Map.copyOf(contradictions);
  }

  /** How often a judgment had to be sent again. */
  long repeats() {
    return repeats.get();
  }

  /** Everybody goes home and is waited for. */
  @Override
  public void close() throws InterruptedException {
    home.countDown();
    for (Thread person : people) {
      person.interrupt();
    }
    for (Thread person : people) {
      person.join(TimeUnit.SECONDS.toMillis(10));
    }
  }

  private void work(int number) {
    String labeler = "person-" + number;
    int turn = number;
    try {
      while (home.getCount() > 0) {
        allowed.acquire();
        if (!judgeOne(labeler, turn++)) {
          allowed.release();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether a judgment was acknowledged. */
  private boolean judgeOne(String labeler, int turn) throws InterruptedException {
    ObjectNode body = JSON.createObjectNode().put("labelerId", labeler).put("max", 1);
    HttpResponse<String> leased = post(turn, "/v1/leases", body.put("waitSeconds", 2), null);
    if (leased == null || leased.statusCode() != 200) {
      home.await(AGAIN_MILLIS, TimeUnit.MILLISECONDS);
      return false;
    }
    JsonNode lease = json(leased).path("leases").path(0);
    JsonNode task = lease.path("task");
    if (task.isMissingNode()) {
      return false;
    }
    home.await(thinking.toMillis(), TimeUnit.MILLISECONDS);
    String name = task.path("comparisonId").asText() + "/" + labeler;
    JsonNode choices = task.path("choices");
    int best = Math.floorMod(name.hashCode(), choices.size());
    ObjectNode judgment =
        JSON.createObjectNode()
            .put("leaseId", lease.path("leaseId").asText())
            .put("epoch", lease.path("epoch").asLong())
            .put("labelerId", labeler)
            .put("choiceId", choices.path(best).path("choiceId").asText());
    // The key names the lease as well: another lease of the same comparison is another request.
    String key = '"' + name + "/" + lease.path("leaseId").asText() + '"';
    for (int attempt = turn; home.getCount() > 0; attempt++) {
      HttpResponse<String> answer = post(attempt, "/v1/judgments", judgment, key);
      if (answer != null && answer.statusCode() / 100 == 2) {
        book(name, json(answer).path("judgmentId").asText());
        return true;
      }
      if (answer != null && answer.statusCode() / 100 == 4 && answer.statusCode() != 429) {
        return false; // the lease had run out and somebody else has the task: not acknowledged
      }
      repeats.incrementAndGet();
      home.await(AGAIN_MILLIS, TimeUnit.MILLISECONDS);
    }
    return false;
  }

  private void book(String name, String judgment) {
    String before = acknowledged.putIfAbsent(name, judgment);
    if (before != null && !before.equals(judgment)) {
      contradictions.put(name, before + " and " + judgment);
    }
  }

  private @Nullable HttpResponse<String> post(
      int turn, String path, ObjectNode body, @Nullable String key) throws InterruptedException {
    URI gateway = gateways.get(turn % gateways.size());
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(gateway + path))
            .timeout(Duration.ofSeconds(10))
            .header("Authorization", "Bearer " + KEY)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body.toString()));
    Optional.ofNullable(key).ifPresent(name -> request.header("Idempotency-Key", name));
    try {
      return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      return null;
    }
  }

  private static JsonNode json(HttpResponse<String> response) {
    try {
      return JSON.readTree(response.body());
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(response.body(), e);
    }
  }
}

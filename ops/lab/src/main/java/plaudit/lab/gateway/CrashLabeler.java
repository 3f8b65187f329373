package plaudit.lab.gateway;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A labeler at a gateway that dies now and then. It leases, extends, judges, amends, sends batches,
 * skips and releases, and writes down what is acknowledged. Whatever was not answered is sent again
 * under the same Idempotency-Key, to the gateway that is there then.
 */
final class CrashLabeler implements Runnable {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final int AGAIN_MILLIS = 50;
  private static final int MOST_TASKS = 5;

  private final String vendor;
  private final String name;
  private final Supplier<URI> gateway;
  private final Receipts receipts;
  private final SplittableRandom random;
  private final int thinkingMillis;
  private final CountDownLatch home;
  private @Nullable Line line;
  private URI at = URI.create("http://nowhere.invalid:1");
  private int requests;

  /**
   * Sets a labeler up.
   *
   * @param gateway where the gateway is now
   * @param thinkingMillis at most, before each judgment
   * @param home goes to zero when all shall go home, after what is begun has been acknowledged
   */
  CrashLabeler(
      int number,
      Supplier<URI> gateway,
      Receipts receipts,
      SplittableRandom random,
      int thinkingMillis,
      CountDownLatch home) {
    this.vendor = GatewayProcess.VENDORS.get(number % GatewayProcess.VENDORS.size());
    this.name = "labeler-" + number;
    this.gateway = gateway;
    this.receipts = receipts;
    this.random = random;
    this.thinkingMillis = thinkingMillis;
    this.home = home;
  }

  @Override
  public void run() {
    try {
      while (home.getCount() > 0) {
        List<JsonNode> leases = lease();
        if (leases.size() > 1 && random.nextInt(3) == 0) {
          batch(leases);
        } else {
          for (JsonNode lease : leases) {
            answer(lease);
          }
        }
        if (leases.isEmpty()) {
          home.await(AGAIN_MILLIS, TimeUnit.MILLISECONDS);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      if (line != null) {
        line.close();
      }
    }
  }

  private List<JsonNode> lease() throws InterruptedException {
    ObjectNode body = JSON.createObjectNode().put("labelerId", name);
    body.put("max", 1 + random.nextInt(MOST_TASKS));
    Line.Answer answer = once("/v1/leases", body, null);
    List<JsonNode> leases = new ArrayList<>();
    if (answer != null && answer.status() == 200) {
      for (JsonNode lease : json(answer).path("leases")) {
        receipts.leased(lease.path("leaseId").asText());
        leases.add(lease);
      }
    }
    return leases;
  }

  private void answer(JsonNode lease) throws InterruptedException {
    think();
    String leaseId = lease.path("leaseId").asText();
    int lot = random.nextInt(20);
    if (lot == 0) {
      ObjectNode skip = JSON.createObjectNode().put("labelerId", name);
      once("/v1/tasks/" + lease.at("/task/taskId").asText() + ":skip", skip, null);
      return;
    }
    if (lot == 1) {
      once("/v1/leases/" + leaseId + ":release", JSON.createObjectNode(), null);
      return;
    }
    if (lot == 2) {
      once("/v1/leases/" + leaseId + ":extend", JSON.createObjectNode(), null);
    }
    JsonNode judged = untilAcknowledged("/v1/judgments", judgment(lease), key());
    if (judged == null) {
      return;
    }
    receipts.judged(vendor, judged);
    if (lot < 6) {
      think();
      ObjectNode other = JSON.createObjectNode().put("labelerId", name).put("verdict", "TIE");
      String path = "/v1/judgments/" + judged.path("judgmentId").asText() + ":amend";
      JsonNode amended = untilAcknowledged(path, other, key());
      if (amended != null) {
        receipts.judged(vendor, amended);
      }
    }
  }

  private void batch(List<JsonNode> leases) throws InterruptedException {
    think();
    ObjectNode body = JSON.createObjectNode();
    ArrayNode judgments = body.putArray("judgments");
    leases.forEach(lease -> judgments.add(judgment(lease)));
    JsonNode answer = untilAcknowledged("/v1/judgments:batch", body, null);
    if (answer != null) {
      for (JsonNode result : answer.path("results")) {
        if (result.path("status").asInt() / 100 == 2) {
          receipts.judged(vendor, result.path("judgment"));
        }
      }
    }
  }

  private ObjectNode judgment(JsonNode lease) {
    JsonNode choices = lease.at("/task/choices");
    String best = choices.path(random.nextInt(choices.size())).path("choiceId").asText();
    return JSON.createObjectNode()
        .put("leaseId", lease.path("leaseId").asText())
        .put("epoch", lease.path("epoch").asInt())
        .put("labelerId", name)
        .put("choiceId", best);
  }

  private String key() {
    return name + "-" + Long.toHexString(random.nextLong()) + "-" + requests++;
  }

  /** The acknowledged answer, or null when it was refused for good. */
  private @Nullable JsonNode untilAcknowledged(String path, ObjectNode body, @Nullable String key)
      throws InterruptedException {
    while (true) {
      Line.Answer answer = once(path, body, key);
      if (answer != null && answer.status() / 100 == 2) {
        return json(answer);
      }
      if (answer != null && answer.status() < 500 && answer.status() != 429) {
        return null;
      }
      TimeUnit.MILLISECONDS.sleep(AGAIN_MILLIS);
    }
  }

  /** One try; null when no answer came. */
  private Line.@Nullable Answer once(String path, ObjectNode body, @Nullable String key)
      throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    URI now = gateway.get();
    Line open = line;
    if (open == null || !now.equals(at)) {
      if (open != null) {
        open.close();
      }
      open = new Line(now, PATIENCE);
      line = open;
      at = now;
    }
    try {
      return open.post(path, body.toString(), vendor, key);
    } catch (IOException e) {
      return null;
    }
  }

  private void think() throws InterruptedException {
    if (thinkingMillis > 0) {
      home.await(random.nextInt(thinkingMillis), TimeUnit.MILLISECONDS);
    }
  }

  private static JsonNode json(Line.Answer answer) {
    try {
      return JSON.readTree(answer.body());
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(answer.text(), e);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}

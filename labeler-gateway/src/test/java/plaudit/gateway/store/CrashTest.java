package plaudit.gateway.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import plaudit.gateway.http.TestGateway;
import plaudit.gateway.json.Json;
import plaudit.input.InvalidInputException;
import plaudit.labels.Label;

/**
 * A gateway in a JVM of its own is killed again and again while people judge; what it acknowledged
 * is in its file. {@code -Dcrash.lives} and {@code -Dcrash.seconds} make more and longer lives.
 */
class CrashTest {

  private static final int LIVES = Integer.getInteger("crash.lives", 2);
  private static final int SECONDS = Integer.getInteger("crash.seconds", 3);
  private static final int PEOPLE = 6;

  /** More than they can judge in one life. */
  private static final int TASKS_A_SECOND = 1_000;

  private final Path directory;
  private final Set<String> acknowledged = ConcurrentHashMap.newKeySet();
  private final Set<String> granted = ConcurrentHashMap.newKeySet();
  private final Queue<Throwable> faults = new ConcurrentLinkedQueue<>();

  CrashTest(@TempDir Path directory) {
    this.directory = directory;
  }

  /** The other JVM: a gateway with new work, which prints its address. */
  static final class Victim {
    private Victim() {}

    public static void main(String[] args) {
      TestGateway gateway = new TestGateway(Path.of(args[0]));
      gateway.labels.ask(Comparisons.some(args[1], SECONDS * TASKS_A_SECOND));
      System.out.println(gateway.gateway.url());
    }
  }

  @Test
  @Timeout(unit = TimeUnit.MINUTES, value = 60)
  void killedWhileJudgmentsComeInItLosesNoneThatItAcknowledged() throws Exception {
    for (int life = 0; life < LIVES; life++) {
      int before = acknowledged.size();
      live(life);
      assertThat(faults).isEmpty();
      assertThat(acknowledged.size()).isGreaterThan(before);

      assertThat(StoreCare.verify(Stores.settings(directory))).as("before it is opened").isEmpty();
      try (JdbcLabels labels = Stores.open(directory)) {
        int all = acknowledged.size() + PEOPLE * LIVES;
        assertThat(labels.list("acme", null, null, all).orElseThrow().items())
            .extracting(StoredJudgment::judgmentId)
            .doesNotHaveDuplicates()
            .containsAll(acknowledged);
        List<Label> read = labels.labelsAfter(0, all);
        assertThat(read)
            .extracting(Label::sequence)
            .isEqualTo(LongStream.rangeClosed(1, read.size()).boxed().toList());
        Holder acme = Holder.program("acme");
        assertThat(granted)
            .noneMatch(lease -> labels.extend(acme, lease) instanceof ExtendOutcome.Unknown);
      }
    }
  }

  private void live(int life) throws Exception {
    Process victim =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Dcrash.seconds=" + SECONDS,
                "-cp",
                System.getProperty("java.class.path"),
                Victim.class.getName(),
                directory.toString(),
                "life" + life)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    List<Thread> people = new ArrayList<>();
    try {
      URI url = URI.create(firstLine(victim));
      assertAnotherOwnerIsRefused();
      Client client = new Client(url, HttpClient.newHttpClient());
      for (int i = 0; i < PEOPLE; i++) {
        String labeler = "person-" + i;
        Thread person = new Thread(() -> judgeUntilItDies(client, labeler), labeler);
        person.start();
        people.add(person);
      }
      // The kill comes while requests are under way: more may be stored than were acknowledged.
      assertThat(victim.waitFor(SECONDS, TimeUnit.SECONDS)).as("died by itself").isFalse();
    } finally {
      victim.destroyForcibly().waitFor();
      for (Thread person : people) {
        person.join();
      }
    }
  }

  private void judgeUntilItDies(Client client, String labeler) {
    int asked = 0;
    try {
      while (true) {
        JsonNode leases =
            client.post("/v1/leases", Map.of("labelerId", labeler), "l" + asked++).path("leases");
        for (JsonNode lease : leases) {
          String id = lease.path("leaseId").asText();
          granted.add(id);
          Map<String, Object> judgment = new HashMap<>(TestGateway.judgment(lease, 0));
          judgment.put("labelerId", labeler);
          acknowledged.add(client.post("/v1/judgments", judgment, id).path("judgmentId").asText());
        }
      }
    } catch (IOException e) {
      // That is how it ends.
    } catch (InterruptedException | AssertionError e) {
      faults.add(e);
    }
  }

  private void assertAnotherOwnerIsRefused() {
    assertThatThrownBy(() -> Stores.open(directory))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("is open in another process (expected: one owner of the file");
  }

  private static String firstLine(Process process) throws IOException {
    BufferedReader reader =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    String line = reader.readLine();
    assertThat(line).startsWith("http://");
    return line;
  }

  private record Client(URI url, HttpClient http) {

    JsonNode post(String path, Object body, String key) throws IOException, InterruptedException {
      HttpResponse<String> response =
          http.send(
              HttpRequest.newBuilder(url.resolve(path))
                  .header("Authorization", "Bearer " + TestGateway.ACME)
                  .header("Content-Type", "application/json")
                  .header("Idempotency-Key", key)
                  .POST(HttpRequest.BodyPublishers.ofString(Json.write(body)))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      assertThat(response.statusCode()).isIn(200, 201);
      return Json.tree(response.body());
    }
  }
}

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
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import plaudit.gateway.http.TestGateway;
import plaudit.gateway.json.Json;
import plaudit.input.InvalidInputException;

/** A gateway in a JVM of its own is killed; what it acknowledged is in its file. */
class CrashTest {

  private static final int BEFORE_THE_KILL = 40;

  private final Path directory;

  CrashTest(@TempDir Path directory) {
    this.directory = directory;
  }

  /** The other JVM: a gateway with work, which prints its address. */
  static final class Victim {
    private Victim() {}

    public static void main(String[] args) {
      TestGateway gateway = new TestGateway(Path.of(args[0]));
      gateway.labels.ask(Comparisons.some("c", 2 * BEFORE_THE_KILL));
      System.out.println(gateway.gateway.url());
    }
  }

  @Test
  @Timeout(180)
  void killedWhileJudgmentsComeInItLosesNoneThatItAcknowledged() throws Exception {
    Process victim =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Victim.class.getName(),
                directory.toString())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    Set<String> acknowledged = new HashSet<>();
    try {
      URI url = URI.create(firstLine(victim));
      assertAnotherOwnerIsRefused();
      Client client = new Client(url);
      while (acknowledged.size() < BEFORE_THE_KILL) {
        acknowledged.add(client.judge(acknowledged.size()));
      }
      // The kill comes while requests are under way: more may be stored than were acknowledged.
      Thread more = new Thread(() -> client.judgeUntilItDies(acknowledged.size()));
      more.start();
      victim.destroyForcibly().waitFor();
      more.join();
    } finally {
      victim.destroyForcibly().waitFor();
    }
    try (JdbcLabels labels = Stores.open(directory)) {
      assertThat(labels.list("acme", null, null, 1000).orElseThrow().items())
          .extracting(StoredJudgment::judgmentId)
          .containsAll(acknowledged)
          .doesNotHaveDuplicates();
      assertThat(labels.labelsAfter(0, 1000))
          .hasSizeGreaterThanOrEqualTo(acknowledged.size())
          .extracting("sequence")
          .doesNotHaveDuplicates();
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
    Client(URI url) {
      this(url, HttpClient.newHttpClient());
    }

    /** Judges one task and gives the acknowledged judgment's id. */
    String judge(int number) throws IOException, InterruptedException {
      JsonNode lease = post("/v1/leases", Map.of("labelerId", "lb"), "none").path("leases").path(0);
      return post("/v1/judgments", TestGateway.judgment(lease, 0), "k" + number)
          .path("judgmentId")
          .asText();
    }

    void judgeUntilItDies(int from) {
      try {
        for (int i = from; ; i++) {
          judge(i);
        }
      } catch (IOException | InterruptedException | AssertionError e) {
        // That is how it ends.
        Thread.currentThread().interrupt();
      }
    }

    private JsonNode post(String path, Object body, String key)
        throws IOException, InterruptedException {
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

package plaudit.gateway.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import plaudit.gateway.http.RunView;
import plaudit.gateway.http.TestGateway;
import plaudit.gateway.store.Comparisons;
import plaudit.gateway.store.JdbcLabels;
import plaudit.gateway.store.StoredJudgment;
import plaudit.gateway.store.Stores;

/** The Python client and its example at a live gateway, where there is a python3. */
class PythonClientTest {

  private static final Path CLIENT = client();

  private final Path directory;
  private TestGateway gateway;

  PythonClientTest(@TempDir Path directory) {
    this.directory = directory;
  }

  @BeforeEach
  void open() throws Exception {
    assumeTrue(hasPython(), "no python3 (3.8 or newer) here: its client is not tested");
    gateway =
        new TestGateway(
            JdbcLabels.open(
                Stores.settings(directory).withOverlap(2),
                InstantSource.system(),
                new SecureRandom()),
            RunView.none(),
            settings -> settings);
  }

  @AfterEach
  void close() {
    if (gateway != null) {
      gateway.close();
    }
  }

  @Test
  @Timeout(120)
  void itsOwnTestsHold() throws Exception {
    gateway.labels.ask(Comparisons.some("c", 20));

    String said = python("-m", "unittest", "-v", "test_plaudit_client");

    assertThat(said).contains("\nOK\n");
    assertThat(gateway.labels.list("acme", "ann", null, 100).orElseThrow().items())
        .extracting(StoredJudgment::revision)
        .contains(1, 2);
  }

  @Test
  @Timeout(120)
  void theExampleLabelsWithARuleAndShowsAgreement() throws Exception {
    gateway.labels.ask(
        List.of(
            Comparisons.of("c-0", "It was", "dull", "a bright cold day"),
            Comparisons.of("c-1", "It was", "one word", "two words"),
            Comparisons.of("c-2", "It was", "a long answer", "short")));

    String said =
        python("label_with_a_rule.py", gateway.uri("").toString(), TestGateway.ACME, "--noise=0");

    assertThat(said)
        .contains("rule: 3 judgments, 1 ties", "agreement: 3 of 3 comparisons that both judged");
    assertThat(gateway.labels.labelsAfter(0, 10)).hasSize(6);
  }

  private String python(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("python3", "-B"));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).directory(CLIENT.toFile());
    builder
        .environment()
        .putAll(Map.of("PLAUDIT_URL", gateway.uri("").toString(), "PLAUDIT_KEY", TestGateway.ACME));
    Path log = directory.resolve("python.log");
    Process process = builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
    try {
      assertThat(process.waitFor(100, TimeUnit.SECONDS)).as("ends within 100 s").isTrue();
    } finally {
      process.destroyForcibly();
    }
    String said = Files.readString(log, StandardCharsets.UTF_8);
    assertThat(process.exitValue()).as(said).isZero();
    return said;
  }

  private static boolean hasPython() throws InterruptedException {
    try {
      return new ProcessBuilder("python3", "-c", "import sys; sys.exit(sys.version_info < (3, 8))")
              .start()
              .waitFor()
          == 0;
    } catch (IOException e) {
      return false;
    }
  }

  /** Tests run in their module's directory or in the root. */
  private static Path client() {
    Path inModule = Path.of("clients", "python");
    Path client =
        Files.isDirectory(inModule) ? inModule : Path.of("labeler-gateway").resolve(inModule);
    return client.toAbsolutePath();
  }
}

package plaudit.deployment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

/** The alerting rules: that they fire when they should, as Prometheus' own tool sees it. */
class PrometheusAlertsTest {

  private static final Path TESTS = Manifest.DEPLOY.resolve("prometheus-alerts.test.yaml");

  @Test
  void theyFireWhenTheyShouldAndNotBefore() throws Exception {
    Optional<Path> tool =
        Arrays.stream(System.getenv("PATH").split(File.pathSeparator, -1))
            .map(directory -> Path.of(directory, "promtool"))
            .filter(Files::isExecutable)
            .findFirst();
    assumeTrue(tool.isPresent(), "no promtool on the PATH; Prometheus' distribution has it");

    Process process =
        new ProcessBuilder(
                tool.get().toString(), "test", "rules", TESTS.toAbsolutePath().toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
  }

  @Test
  void eachHasASeverityAndSaysWhatToDo() {
    List<JsonNode> rules =
        Manifest.documents(Manifest.DEPLOY.resolve("prometheus-alerts.yaml")).stream()
            .flatMap(document -> document.findValues("rules").stream())
            .flatMap(list -> StreamSupport.stream(list.spliterator(), false))
            .toList();

    assertThat(rules).hasSizeGreaterThan(10);
    assertThat(rules)
        .allSatisfy(
            rule -> {
              assertThat(rule.at("/labels/severity").asText()).isIn("warning", "critical");
              assertThat(rule.at("/annotations/summary").asText()).endsWith(".");
              assertThat(rule.at("/annotations/description").asText()).isNotEmpty();
            });
  }

  @Test
  void eachIsSeenToFireInTheTests() {
    List<String> alerts =
        Manifest.documents(Manifest.DEPLOY.resolve("prometheus-alerts.yaml")).stream()
            .flatMap(document -> document.findValuesAsText("alert").stream())
            .toList();
    List<String> fired =
        Manifest.documents(TESTS).stream()
            .flatMap(document -> document.findValues("alert_rule_test").stream())
            .flatMap(list -> StreamSupport.stream(list.spliterator(), false))
            .filter(test -> test.has("exp_alerts"))
            .map(test -> test.path("alertname").asText())
            .toList();
    assertThat(fired).containsAll(alerts);
  }
}

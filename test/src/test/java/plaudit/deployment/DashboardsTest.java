package plaudit.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** That the meters exist, {@link DeployedClusterTest} holds against nodes at work. */
class DashboardsTest {

  @Test
  void everyExpressionReadsSomeMeter() {
    List<String> expressions = Dashboards.expressions();

    assertThat(expressions).hasSizeGreaterThan(30);
    assertThat(expressions)
        .allSatisfy(expression -> assertThat(Dashboards.metersIn(expression)).isNotEmpty());
  }

  @Test
  void namesAreFoundAndFunctionsAreNot() {
    assertThat(Dashboards.metersIn("sum by (a) (rate(plaudit_x_total{b=\"c\"}[5m])) + jvm_y"))
        .isEqualTo(Set.of("plaudit_x_total", "jvm_y"));
  }

  @Test
  void autoscalersAskForQueuesThatTheAdapterNames() {
    List<String> asked =
        Manifest.all().stream()
            .filter(manifest -> manifest.kind().equals("HorizontalPodAutoscaler"))
            .flatMap(manifest -> manifest.object().findValues("external").stream())
            .map(external -> external.at("/metric/name").asText())
            .toList();

    assertThat(asked).containsExactlyInAnyOrderElementsOf(Dashboards.queues());
  }
}

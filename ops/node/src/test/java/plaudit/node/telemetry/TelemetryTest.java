package plaudit.node.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import plaudit.experience.ExperienceMeters;
import plaudit.gateway.http.GatewayMeters;
import plaudit.input.InvalidInputException;
import plaudit.policy.PolicyMeters;
import plaudit.policy.UpdateReport;
import plaudit.reward.RewardMeters;
import plaudit.sampling.SamplerMeters;
import plaudit.scoring.ScorerMeters;

class TelemetryTest {

  @Test
  void theDefaultsAreThoseOfTheDocumentation() {
    TelemetrySettings settings = TelemetrySettings.from(ConfigFactory.defaultReference());

    assertThat(settings).isEqualTo(new TelemetrySettings("127.0.0.1", 9464));
    assertThat(settings.port()).isEqualTo(TelemetrySettings.DEFAULT_PORT);
  }

  @Test
  void whatIsCountedIsServed() throws Exception {
    try (Telemetry telemetry = Telemetry.start(on(0))) {
      telemetry.registry().counter("plaudit.test.things").increment(3);

      HttpResponse<String> answer = get(telemetry, "/metrics");

      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.body()).contains("plaudit_test_things_total 3.0", "jvm_memory_used_bytes");
      assertThat(get(telemetry, "/metricsx").statusCode()).isEqualTo(404);
    }
  }

  @Test
  void whatTheNodeKnowsOfItsClusterIsServed() throws Exception {
    try (Telemetry telemetry = Telemetry.start(on(0))) {
      assertThat(get(telemetry, "/status").body()).isEqualTo("{}");
      telemetry.status(() -> "{\"node\":\"a:1\"}");

      HttpResponse<String> answer = get(telemetry, "/status");

      assertThat(answer.body()).isEqualTo("{\"node\":\"a:1\"}");
      assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/json");
    }
  }

  @Test
  void versionAndDiskAreTold() throws Exception {
    Logging.configure(ConfigFactory.defaultReference(), Map.of("version", "1.2.3"));
    try (Telemetry telemetry = Telemetry.start(on(0))) {
      assertThat(get(telemetry, "/metrics").body())
          .contains("plaudit_build_info{version=\"1.2.3\"} 1")
          .containsPattern("disk_free_bytes\\{path=\"[^\"]+\"} [1-9]");
    }
  }

  @Test
  void everyMeterOfOursSaysWhatItIs() {
    try (Telemetry telemetry = Telemetry.start(on(0))) {
      new GatewayMeters(telemetry.registry()).start().stop("GET", "/x", 200);
      new ExperienceMeters(telemetry.registry());
      new SamplerMeters(telemetry.registry());
      new ScorerMeters(telemetry.registry());
      new RewardMeters(telemetry.registry());
      new PolicyMeters(telemetry.registry())
          .report(new UpdateReport(1, Map.of("objective/kl", 2.0)));

      assertThat(telemetry.registry().getMeters())
          .filteredOn(meter -> meter.getId().getName().startsWith("plaudit."))
          .hasSizeGreaterThan(40)
          .allSatisfy(
              meter ->
                  assertThat(meter.getId().getDescription())
                      .as(meter.getId().getName())
                      .isNotEmpty());
    }
  }

  @Test
  void aSupervisorIsToldThatTheProcessLivesAndWhatItStillLacks() throws Exception {
    try (Telemetry telemetry = Telemetry.start(on(0))) {
      assertThat(get(telemetry, "/healthz").statusCode()).isEqualTo(200);
      assertThat(get(telemetry, "/readyz").statusCode()).isEqualTo(503);

      telemetry.ready(() -> List.of("no \"weights\" yet"));
      HttpResponse<String> lacking = get(telemetry, "/readyz");
      assertThat(lacking.statusCode()).isEqualTo(503);
      assertThat(lacking.body())
          .isEqualTo("{\"status\":\"not ready\",\"missing\":[\"no \\\"weights\\\" yet\"]}");

      telemetry.ready(List::of);
      assertThat(get(telemetry, "/readyz").statusCode()).isEqualTo(200);

      telemetry.alive(() -> List.of("the sampler has failed for good"));
      HttpResponse<String> broken = get(telemetry, "/healthz");
      assertThat(broken.statusCode()).isEqualTo(503);
      assertThat(broken.body())
          .isEqualTo("{\"status\":\"broken\",\"broken\":[\"the sampler has failed for good\"]}");
    }
  }

  @Test
  void residentMemoryIsMoreThanTheHeapAlone() {
    assumeTrue(Files.exists(Path.of("/proc/self/status")), "this system has no /proc");

    assertThat(ResidentMemory.bytes()).isGreaterThan(16 << 20).isLessThan(1L << 40);
  }

  @Test
  void aChosenPortInUseIsRefused() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertThatThrownBy(() -> Telemetry.start(on(taken.getLocalPort())))
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining("127.0.0.1:" + taken.getLocalPort());
    }
  }

  @Test
  void theDefaultPortInUseStopsNobody() throws IOException {
    try (ServerSocket taken = new ServerSocket()) {
      try {
        taken.bind(
            new InetSocketAddress(
                InetAddress.getLoopbackAddress(), TelemetrySettings.DEFAULT_PORT));
      } catch (IOException e) {
        assertThat(e).as("somebody else has the port, which will do as well").isNotNull();
      }

      try (Telemetry telemetry = Telemetry.start(on(TelemetrySettings.DEFAULT_PORT))) {
        assertThat(telemetry.address()).isEmpty();
        assertThat(telemetry.registry().getMeters()).isNotEmpty();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"::1", "[::1]"})
  void anAddressOfIpv6MayHaveBrackets(String host) {
    Config config =
        ConfigFactory.parseString("plaudit.telemetry.host = \"" + host + "\"").withFallback(on(0));
    try (Telemetry telemetry = Telemetry.start(config)) {
      assertThat(telemetry.address().orElseThrow().getAddress()).isInstanceOf(Inet6Address.class);
    } catch (InvalidInputException e) {
      assumeTrue(false, "no IPv6 here: " + e.getMessage());
    }
  }

  private static Config on(int port) {
    return ConfigFactory.parseString("plaudit.telemetry.port = " + port)
        .withFallback(ConfigFactory.defaultReference());
  }

  private static HttpResponse<String> get(Telemetry telemetry, String path) throws Exception {
    int port = telemetry.address().orElseThrow().getPort();
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build();
    return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
  }
}

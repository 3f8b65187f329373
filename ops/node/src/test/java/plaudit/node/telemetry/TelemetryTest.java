package plaudit.node.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.io.IOException;
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
import org.junit.jupiter.api.Test;
import plaudit.input.InvalidInputException;

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

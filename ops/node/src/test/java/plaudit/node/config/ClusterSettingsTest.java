package plaudit.node.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import plaudit.input.InvalidInputException;

class ClusterSettingsTest {

  @Test
  void aRunInOneProcessHasNoSeedNodesAndStaysOnLoopback() {
    ClusterSettings settings = read();
    assertThat(settings.isMany()).isFalse();
    assertThat(settings.host()).isEqualTo("127.0.0.1");
    assertThat(NodeSettings.from(RunConfig.defaults(List.of()).config()).downloads()).isEqualTo(4);
  }

  @Test
  void pekkoHearsWhatWasSet() {
    Config pekko =
        read(
                "cluster.host=bob",
                "cluster.bind-host=0.0.0.0",
                "cluster.port=4711",
                "cluster.seed-nodes=[\"ada:17355\"]",
                "cluster.heartbeat-pause=3s")
            .toPekko(Set.of("sampler"));
    assertThat(pekko.getString("pekko.remote.artery.canonical.hostname")).isEqualTo("bob");
    assertThat(pekko.getString("pekko.remote.artery.bind.hostname")).isEqualTo("0.0.0.0");
    assertThat(pekko.getInt("pekko.remote.artery.canonical.port")).isEqualTo(4711);
    assertThat(pekko.getStringList("pekko.cluster.seed-nodes"))
        .containsExactly("pekko://plaudit@ada:17355");
    assertThat(pekko.getStringList("pekko.cluster.roles")).containsExactly("sampler");
    assertThat(pekko.getDuration("pekko.cluster.failure-detector.acceptable-heartbeat-pause"))
        .hasSeconds(3);
    assertThat(pekko.hasPath("pekko.remote.artery.transport")).isFalse();
  }

  /** Pekko has it in brackets, sockets and the snapshots' server without. */
  @ParameterizedTest
  @ValueSource(strings = {"::1", "[::1]"})
  void anAddressOfIpv6MayHaveBrackets(String host) {
    ClusterSettings settings =
        read(
            "cluster.host=" + host,
            "cluster.bind-host=[::]",
            "cluster.port=17355",
            "cluster.seed-nodes=[\"[::1]:17355\", \"[fe80::1%eth0]:1\"]");

    assertThat(settings.host()).isEqualTo("::1");
    assertThat(settings.listensOn()).isEqualTo("::");
    assertThat(settings.address()).isEqualTo("[::1]:17355").isEqualTo(settings.seedNodes().get(0));
    Config pekko = settings.toPekko(Set.of());
    assertThat(pekko.getString("pekko.remote.artery.canonical.hostname")).isEqualTo("[::1]");
    assertThat(pekko.getStringList("pekko.cluster.seed-nodes"))
        .startsWith("pekko://plaudit@[::1]:17355");
  }

  @Test
  void theSizeSaysWhatIsNotSaid() {
    Config large =
        read("cluster.size=large", "cluster.heartbeat-pause=4s", "cluster.gossip=700ms")
            .toPekko(Set.of());

    String detector = "pekko.cluster.failure-detector.";
    assertThat(large.getDuration(detector + "heartbeat-interval")).hasSeconds(1);
    assertThat(large.getDuration(detector + "acceptable-heartbeat-pause")).hasSeconds(4);
    assertThat(large.getDuration("pekko.cluster.split-brain-resolver.stable-after")).hasSeconds(30);
    assertThat(large.getDuration("pekko.cluster.gossip-interval")).hasMillis(700);
  }

  @Test
  void threeFilesMakeConnectionsEncrypted(@TempDir Path directory) throws IOException {
    String file = Files.createFile(directory.resolve("one.pem")).toString();
    Config pekko =
        read("cluster.tls.certificate=" + file, "cluster.tls.key=" + file, "cluster.tls.ca=" + file)
            .toPekko(Set.of());
    assertThat(pekko.getString("pekko.remote.artery.transport")).isEqualTo("tls-tcp");
    assertThat(pekko.getString("pekko.remote.artery.ssl.rotating-keys-engine.ca-cert-file"))
        .isEqualTo(file);
  }

  @Test
  void aFileThatIsNotThereIsNamed(@TempDir Path directory) throws IOException {
    String there = Files.createFile(directory.resolve("c.pem")).toString();

    assertThatThrownBy(
            () ->
                read(
                    "cluster.tls.certificate=" + there,
                    "cluster.tls.key=/no/such/k.pem",
                    "cluster.tls.ca=" + there))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(
            "plaudit.cluster.tls.key: /no/such/k.pem (expected: a PEM file that can be read)");
  }

  @Test
  void theLearnerBeginsTheClusterAndSoIsASeedNode() {
    ClusterSettings elsewhere = read("cluster.host=bob", "cluster.seed-nodes=[\"ada:17355\"]");

    assertThatThrownBy(elsewhere::requireOwnSeed)
        .isInstanceOf(InvalidInputException.class)
        .hasMessageStartingWith("plaudit.cluster.seed-nodes: [ada:17355] (expected: ")
        .hasMessageContaining("bob:0");
    read("cluster.host=bob", "cluster.port=1", "cluster.seed-nodes=[\"ada:2\",\"bob:1\"]")
        .requireOwnSeed();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cluster.port=70000",
        "cluster.seed-nodes=[ada]",
        "cluster.seed-nodes=[\"ada:0\"]",
        "cluster.seed-nodes=[\"::1:17355\"]",
        "cluster.seed-nodes=[\"a_b:17355\"]",
        "cluster.seed-nodes=[\"[::1:17355\"]",
        "cluster.host=a_b",
        "cluster.host=\"\"",
        "cluster.host=\"a b\"",
        "cluster.name=a b",
        "cluster.size=huge",
        "cluster.heartbeat=0s",
        "cluster.heartbeat=2s",
        "cluster.heartbeat-pause=500ms",
        "cluster.tls.key=k.pem"
      })
  void whatMakesNoSenseIsRefused(String override) {
    assertThatThrownBy(() -> read(override))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("plaudit.cluster.");
  }

  private static ClusterSettings read(String... overrides) {
    return ClusterSettings.from(RunConfig.defaults(List.of(overrides)).config());
  }
}

package plaudit.node.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
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

  @Test
  void threeFilesMakeConnectionsEncrypted() {
    Config pekko =
        read("cluster.tls.certificate=c.pem", "cluster.tls.key=k.pem", "cluster.tls.ca=a.pem")
            .toPekko(Set.of());
    assertThat(pekko.getString("pekko.remote.artery.transport")).isEqualTo("tls-tcp");
    assertThat(pekko.getString("pekko.remote.artery.ssl.rotating-keys-engine.ca-cert-file"))
        .isEqualTo("a.pem");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cluster.port=70000",
        "cluster.seed-nodes=[ada]",
        "cluster.seed-nodes=[\"ada:0\"]",
        "cluster.heartbeat=0s",
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

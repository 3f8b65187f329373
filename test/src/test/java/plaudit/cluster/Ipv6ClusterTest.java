package plaudit.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plaudit.endtoend.TinyModel;

/** A run whose nodes know each other by addresses of IPv6, with and without brackets. */
@Tag("slow")
class Ipv6ClusterTest {

  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @TempDir private Path directory;

  @Test
  void aRunEndsWithNodesAtTheLoopbackAddress() throws Exception {
    assumeTrue(hasIpv6(), "this machine has no ::1");
    Path model = TinyModel.in(directory);
    int seed = NodeJvm.freePort();
    try (NodeJvm learner =
            node(
                "learner",
                "learner,gateway",
                model,
                seed,
                "cluster.host=::1",
                "cluster.port=" + seed);
        NodeJvm worker = node("worker", "sampler,scorer", model, seed, "cluster.host=[::1]")) {
      worker.await(
          "both are members", PATIENCE, () -> worker.meter("plaudit_cluster_members_nodes") == 2);
      assertThat(learner.exit(PATIENCE)).as(learner.output()).isZero();
      assertThat(learner.output())
          .contains("Node          plaudit@[::1]:" + seed, "Label at      http://[::1]:");
      assertThat(worker.meter("plaudit_sampler_rollouts_total")).isPositive();
      assertThat(directory.resolve("logs/sampler-scorer.log")).isRegularFile();
    }
  }

  private NodeJvm node(String name, String roles, Path model, int seed, String... more)
      throws IOException {
    List<String> settings = new ArrayList<>(TinyModel.run(model, directory, 2));
    settings.add("cluster.seed-nodes=[\"[::1]:" + seed + "\"]");
    settings.add("gateway.host=[::1]");
    settings.addAll(List.of(more));
    return NodeJvm.node(directory, name, roles, settings);
  }

  private static boolean hasIpv6() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("::1"))) {
      return socket.isBound();
    } catch (IOException e) {
      return false;
    }
  }
}

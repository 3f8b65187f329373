package plaudit.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plaudit.endtoend.TinyModel;

/**
 * Nodes with certificates of one authority, made by {@code openssl}; skipped where there is none.
 */
@Tag("slow")
class EncryptedClusterTest {

  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final List<NodeProcess> started = new ArrayList<>();

  @TempDir private Path directory;

  @AfterEach
  void killWhoIsLeft() {
    started.forEach(NodeProcess::close);
  }

  @Test
  void aNodeWithACertificateJoinsAndOneWithoutDoesNot() throws Exception {
    assumeTrue(openssl("version"), "there is no openssl");
    makeCertificates();
    Path model = TinyModel.in(directory);
    int seed = NodeProcess.freePort();
    NodeProcess learner = node("learner", "learner", model, seed, true, "cluster.port=" + seed);
    node("member", "sampler", model, seed, true);
    learner.await("the member is up", PATIENCE, () -> learner.up() == 2);

    NodeProcess stranger =
        node(
            "stranger",
            "sampler",
            model,
            seed,
            false,
            "cluster.join-timeout=3s",
            "node.wait-for-learner=0s");
    assertThat(stranger.exit(PATIENCE)).as(stranger.output()).isEqualTo(1);
    assertThat(learner.up()).isEqualTo(2);
  }

  private NodeProcess node(
      String name, String roles, Path model, int seed, boolean encrypted, String... more)
      throws IOException {
    List<String> settings = new ArrayList<>(TinyModel.run(model, directory, 1));
    settings.add("cluster.seed-nodes=[\"127.0.0.1:" + seed + "\"]");
    if (encrypted) {
      settings.add("cluster.tls.certificate=\"" + directory.resolve("node.pem") + "\"");
      settings.add("cluster.tls.key=\"" + directory.resolve("node.key") + "\"");
      settings.add("cluster.tls.ca=\"" + directory.resolve("ca.pem") + "\"");
    }
    settings.addAll(List.of(more));
    NodeProcess node = NodeProcess.node(directory, name, roles, settings);
    started.add(node);
    return node;
  }

  private void makeCertificates() throws Exception {
    assertThat(
            openssl(
                "req -x509 -newkey rsa:2048 -nodes -subj /CN=ca -days 2 -keyout ca.key -out ca.pem"))
        .isTrue();
    assertThat(openssl("req -newkey rsa:2048 -nodes -subj /CN=node -keyout node.key -out node.csr"))
        .isTrue();
    assertThat(
            openssl(
                "x509 -req -in node.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2"
                    + " -out node.pem"))
        .isTrue();
  }

  private boolean openssl(String arguments) throws InterruptedException {
    List<String> command = new ArrayList<>(List.of("openssl"));
    command.addAll(List.of(arguments.split(" ", -1)));
    try {
      Process process =
          new ProcessBuilder(command)
              .directory(directory.toFile())
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return process.waitFor(1, TimeUnit.MINUTES) && process.exitValue() == 0;
    } catch (IOException e) {
      return false;
    }
  }
}

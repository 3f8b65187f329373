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

  private final List<NodeJvm> started = new ArrayList<>();

  @TempDir private Path directory;

  @AfterEach
  void killWhoIsLeft() {
    started.forEach(NodeJvm::close);
  }

  /** Without a scorer the run waits, so that strangers knock while it goes on. */
  @Test
  void aRunOverEncryptedConnectionsEndsAndStrangersAreKeptOut() throws Exception {
    assumeTrue(openssl("version"), "there is no openssl");
    makeCertificates("ca", "node");
    makeCertificates("other-ca", "other");
    Path model = TinyModel.in(directory);
    int seed = NodeJvm.freePort();
    NodeJvm learner =
        node("learner", "learner,gateway", model, seed, "node", "cluster.port=" + seed);
    node("member", "sampler", model, seed, "node");
    learner.await("the member is up", PATIENCE, () -> learner.up() == 2);

    for (String certificate : List.of("", "other")) {
      NodeJvm stranger =
          node(
              "stranger" + certificate,
              "sampler",
              model,
              seed,
              certificate,
              "cluster.join-timeout=3s",
              "node.wait-for-learner=0s");
      assertThat(stranger.exit(PATIENCE)).as(stranger.output()).isEqualTo(1);
      assertThat(learner.up()).isEqualTo(2);
    }

    node("scorer", "scorer", model, seed, "node");
    assertThat(learner.exit(PATIENCE)).as(learner.output()).isZero();
  }

  private NodeJvm node(
      String name, String roles, Path model, int seed, String certificate, String... more)
      throws IOException {
    List<String> settings = new ArrayList<>(TinyModel.run(model, directory, 1));
    settings.add("cluster.seed-nodes=[\"127.0.0.1:" + seed + "\"]");
    if (!certificate.isEmpty()) {
      // A stranger trusts the cluster; the cluster does not trust the stranger.
      settings.add("cluster.tls.certificate=\"" + directory.resolve(certificate + ".pem") + "\"");
      settings.add("cluster.tls.key=\"" + directory.resolve(certificate + ".key") + "\"");
      settings.add("cluster.tls.ca=\"" + directory.resolve("ca.pem") + "\"");
    }
    settings.addAll(List.of(more));
    NodeJvm node = NodeJvm.node(directory, name, roles, settings);
    started.add(node);
    return node;
  }

  private void makeCertificates(String ca, String node) throws Exception {
    for (String command :
        List.of(
            "req -x509 -newkey rsa:2048 -nodes -subj /CN=CA -days 2 -keyout CA.key -out CA.pem",
            "req -newkey rsa:2048 -nodes -subj /CN=NODE -keyout NODE.key -out NODE.csr",
            "x509 -req -in NODE.csr -CA CA.pem -CAkey CA.key -CAcreateserial -days 2 -out NODE.pem")) {
      assertThat(openssl(command.replace("CA.", ca + ".").replace("NODE", node))).isTrue();
    }
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

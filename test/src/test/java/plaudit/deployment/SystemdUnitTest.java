package plaudit.deployment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plaudit.cluster.NodeJvm;
import plaudit.endtoend.TinyModel;

/** The unit for systemd, and what it starts. */
class SystemdUnitTest {

  private static final Path SYSTEMD = Manifest.DEPLOY.resolve("systemd");
  private static final Path UNIT = SYSTEMD.resolve("plaudit@.service");
  private static final Path ANALYZE = Path.of("/usr/bin/systemd-analyze");
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  @TempDir private Path directory;

  @Test
  void aNodeHasTheTimeItTakesToStop() throws Exception {
    Matcher seconds =
        Pattern.compile("(?m)^TimeoutStopSec=(\\d+)s$").matcher(Files.readString(UNIT));

    assertThat(seconds.find()).isTrue();
    assertThat(Integer.parseInt(seconds.group(1)))
        .as("OnInterrupt and Node wait 60 s")
        .isGreaterThan(60);
  }

  @Test
  void whatMayWorkLaterIsStartedAgainAndWrongSettingsAreNot() throws Exception {
    Matcher prevented =
        Pattern.compile("(?m)^RestartPreventExitStatus=(.*)$").matcher(Files.readString(UNIT));
    assertThat(prevented.find()).isTrue();
    List<String> stays = List.of(prevented.group(1).split(" "));
    Path model = TinyModel.in(directory);
    List<String> run = new ArrayList<>(TinyModel.run(model, directory, 1));
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        NodeJvm noPort = NodeJvm.node(directory, "port", "learner", at(run, taken.getLocalPort()));
        NodeJvm noSense = NodeJvm.node(directory, "sense", "learner", at(run, 99_999))) {
      assertThat(stays).doesNotContain(Integer.toString(noPort.exit(PATIENCE)));
      assertThat(noPort.output()).contains("plaudit.cluster: cannot listen on 127.0.0.1:");
      assertThat(stays).as(noSense.output()).contains(Integer.toString(noSense.exit(PATIENCE)));
    }
  }

  private static List<String> at(List<String> run, int port) {
    List<String> all = new ArrayList<>(run);
    all.add("cluster.port=" + port);
    all.add("cluster.seed-nodes=[\"127.0.0.1:" + port + "\"]");
    return all;
  }

  @Test
  void systemdHasNothingToSayAgainstTheUnit() throws Exception {
    assumeTrue(Files.isExecutable(ANALYZE), "no systemd-analyze on this machine");
    String unit = Files.readString(UNIT).replace(Installation.DEPLOYED + "/bin", "/bin");
    String known = unit.replace("/bin/plaudit", "/bin/true");

    assertThat(verify(known)).isEmpty();
    assertThat(verify(known.replace("TimeoutStopSec", "TimoutStopSec"))).contains("TimoutStopSec");
  }

  @Test
  void theExamplesStartNodesOfOneCluster() throws Exception {
    assertThat(command("learner", Map.of()))
        .startsWith("/opt/plaudit/bin/plaudit", "node", "--roles", "learner,gateway", "--config")
        .contains("--continue", "cluster.host=ada");
    assertThat(command("sampler", Map.of())).contains("sampler,scorer", "cluster.host=bob");
  }

  @Test
  @Tag("slow")
  void whatTheUnitStartsMakesARun() throws Exception {
    Installation.need();
    Path model = TinyModel.in(directory);
    String seed = Integer.toString(NodeJvm.freePort());
    Map<String, String> here =
        Map.of(
            Installation.DEPLOYED,
            Installation.HERE.toString(),
            "/etc/plaudit",
            directory.toString(),
            "/var/lib/plaudit",
            directory.resolve("data").toString(),
            "ada:17355",
            "127.0.0.1:" + seed,
            "cluster.port=17355",
            "cluster.port=" + seed,
            "host=ada",
            "host=127.0.0.1",
            "host=bob",
            "host=127.0.0.1",
            "17356",
            "0");
    Files.writeString(
        directory.resolve("plaudit.conf"),
        local(Files.readString(SYSTEMD.resolve("plaudit.conf.example")), here));
    try (NodeJvm learner = start("learner", here, model);
        NodeJvm worker = start("sampler", here, model)) {
      assertThat(learner.exit(PATIENCE)).as(learner.output()).isZero();
      assertThat(worker.meter("plaudit_sampler_rollouts_total")).isPositive();
    }
  }

  private NodeJvm start(String instance, Map<String, String> here, Path model) throws IOException {
    int telemetry = NodeJvm.freePort();
    List<String> command = new ArrayList<>(command(instance, here));
    // Simulated people, since nobody is here.
    command.addAll(TinyModel.run(model, directory, 2));
    command.add("vendor.labelers=3");
    command.add("telemetry.port=" + telemetry);
    return NodeJvm.command(directory, instance, command, Installation.environment(), telemetry);
  }

  /** ExecStart with its variables, as systemd replaces them: whole, or split at spaces. */
  private static List<String> command(String instance, Map<String, String> here)
      throws IOException {
    Map<String, String> variables =
        Files.readAllLines(SYSTEMD.resolve(instance + ".env.example")).stream()
            .filter(line -> line.matches("[A-Z_]+=.*"))
            .collect(
                Collectors.toMap(
                    line -> line.substring(0, line.indexOf('=')),
                    line -> line.substring(line.indexOf('=') + 1),
                    (one, two) -> two,
                    HashMap::new));
    String start =
        Files.readAllLines(UNIT).stream()
            .filter(line -> line.startsWith("ExecStart="))
            .map(line -> line.substring("ExecStart=".length()))
            .collect(Collectors.joining());
    List<String> words = new ArrayList<>();
    for (String word : start.split(" ", -1)) {
      if (word.startsWith("${")) {
        words.add(variables.getOrDefault(word.substring(2, word.length() - 1), ""));
      } else if (word.startsWith("$")) {
        words.addAll(List.of(variables.getOrDefault(word.substring(1), "").split(" ", -1)));
      } else {
        words.add(word);
      }
    }
    words.replaceAll(word -> local(word, here));
    return words;
  }

  private static String local(String text, Map<String, String> here) {
    String local = text;
    for (Map.Entry<String, String> entry : here.entrySet()) {
      local = local.replace(entry.getKey(), entry.getValue());
    }
    return local;
  }

  private String verify(String unit) throws Exception {
    Path file = Files.writeString(directory.resolve("plaudit@test.service"), unit);
    Process process =
        new ProcessBuilder(ANALYZE.toString(), "verify", "--man=no", file.toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return said;
  }
}

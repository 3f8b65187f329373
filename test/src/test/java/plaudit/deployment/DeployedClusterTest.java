package plaudit.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plaudit.cluster.NodeJvm;
import plaudit.endtoend.TinyModel;

/**
 * The command lines that the pods run, taken from image and manifests, run here as processes. Other
 * than in a pod are ports, names and folders, and the run is a tiny one.
 */
class DeployedClusterTest {

  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final int SIGTERM = 128 + 15;
  private static final String KEY = "a-key-of-at-least-24-characters";
  private static final String UPDATES = "plaudit_policy_updates_total";

  private final Map<String, NodeJvm> pods = new LinkedHashMap<>();
  private final Map<String, Map<String, Integer>> ports = new HashMap<>();
  private final Map<String, String> here = new LinkedHashMap<>();

  @TempDir private Path directory;
  private Path model;

  @BeforeEach
  void laysOutTheVolumesOfAPod() throws Exception {
    Installation.need();
    model = TinyModel.in(directory);
    here.put("/etc/plaudit-secret", directory.resolve("secret").toString());
    here.put("/etc/plaudit", directory.resolve("config").toString());
    here.put("/var/lib/plaudit", directory.resolve("data").toString());
    here.put(Installation.DEPLOYED, Installation.HERE.toString());
    here.put("plaudit-learner-0.plaudit-learner", "127.0.0.1");
    here.put("0.0.0.0", "127.0.0.1");
    here.put("17355", Integer.toString(port("learner", "cluster")));
    for (String file : List.of("plaudit.conf", "gateway.conf")) {
      write(
          "config/" + file, Files.readString(Manifest.KUBERNETES.resolve("config").resolve(file)));
    }
    write(
        "secret/secret.conf",
        """
        plaudit.gateway.store.url = "jdbc:sqlite:%s"
        plaudit.gateway.vendors = [{ name = acme, key = "%s" }]
        """
            .formatted(directory.resolve("labels.sqlite"), KEY));
  }

  @AfterEach
  void killsWhoIsLeft() {
    pods.values().forEach(NodeJvm::close);
  }

  @Test
  void thePodsOwnCommandsFormAClusterThatLearnsAndAnswersItsProbes() throws Exception {
    NodeJvm first = start("learner");
    for (String role : List.of("gateway", "scorer", "sampler")) {
      start(role);
    }
    first.await("all are ready", PATIENCE, () -> pods.keySet().stream().allMatch(this::isReady));
    label();
    first.await("an update", PATIENCE, () -> first.meter(UPDATES) >= 1);

    assertThat(Dashboards.expressions().stream().flatMap(e -> Dashboards.metersIn(e).stream()))
        .as("meters of dashboard, alerts and autoscalers that no node has")
        .isSubsetOf(metersOfAll());

    first.terminate();
    assertThat(first.exit(PATIENCE)).as(first.output()).isEqualTo(SIGTERM);
    NodeJvm again = start("learner", "policy.updates=1");
    again.await(
        "it knows its run again",
        PATIENCE,
        () -> again.output().contains("Waiting to be stopped: the run is complete"));
    again.await("it lives", PATIENCE, () -> answers("learner", "livenessProbe"));
    assertThat(isReady("learner")).isFalse();
    again.terminate();
    assertThat(again.exit(PATIENCE)).isEqualTo(SIGTERM);
  }

  private void label() throws IOException {
    pods.put(
        "labeler",
        Installation.run(
            directory,
            "labeler",
            "labeler",
            "--url",
            "http://127.0.0.1:" + port("gateway", "http"),
            "--key",
            KEY,
            "--labelers",
            "3",
            "--lexicon",
            TinyModel.lexicon(directory).toString()));
  }

  private NodeJvm start(String role, String... more) throws IOException {
    Manifest pod = pod(role);
    List<String> command = new ArrayList<>(Installation.instruction("ENTRYPOINT"));
    pod.container().get("args").forEach(argument -> command.add(argument.asText()));
    command.replaceAll(
        word ->
            local(
                word.replace("$(POD_NAME)", pod.name() + "-0").replace("$(POD_IP)", "127.0.0.1")));
    command.addAll(tiny());
    command.add("cluster.port=" + port(role, "cluster"));
    command.add("snapshots.port=" + port(role, "weights"));
    command.add("telemetry.port=" + port(role, "telemetry"));
    command.add("gateway.port=" + port(role, "http"));
    command.add("node.cache=\"" + directory.resolve("cache-" + role) + "\"");
    command.addAll(List.of(more));
    NodeJvm node =
        NodeJvm.command(
            directory, role, command, Installation.environment(), port(role, "telemetry"));
    pods.put(role, node);
    return node;
  }

  private List<String> tiny() {
    return TinyModel.run(model, directory, 1_000_000).stream()
        .filter(setting -> !setting.startsWith("vendor.") && !setting.startsWith("gateway."))
        .filter(setting -> !setting.startsWith("run.directory"))
        .toList();
  }

  private boolean isReady(String role) {
    return role.equals("labeler")
        || (answers(role, "startupProbe") && answers(role, "readinessProbe"));
  }

  private boolean answers(String role, String probe) {
    JsonNode get = pod(role).container().at("/" + probe + "/httpGet");
    return NodeJvm.get(
            "http://127.0.0.1:" + port(role, get.get("port").asText()) + get.get("path").asText(),
            "Accept",
            "*/*")
        .isPresent();
  }

  private Set<String> metersOfAll() {
    return pods.keySet().stream()
        .filter(role -> !role.equals("labeler"))
        .map(role -> "http://127.0.0.1:" + port(role, "telemetry") + "/metrics")
        .map(url -> NodeJvm.get(url, "Accept", "*/*"))
        .flatMap(Optional::stream)
        .flatMap(String::lines)
        .filter(line -> !line.startsWith("#"))
        .map(line -> line.split("[ {]", 2)[0])
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private int port(String role, String name) {
    return ports
        .computeIfAbsent(role, any -> new HashMap<>())
        .computeIfAbsent(name, any -> NodeJvm.freePort());
  }

  private static Manifest pod(String role) {
    return Manifest.all().stream()
        .filter(manifest -> manifest.container().path("name").asText().equals(role))
        .findFirst()
        .orElseThrow();
  }

  private void write(String file, String text) throws IOException {
    Path path = directory.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, local(text));
  }

  private String local(String text) {
    String local = text;
    for (Map.Entry<String, String> entry : here.entrySet()) {
      local = local.replace(entry.getKey(), entry.getValue());
    }
    return local;
  }
}

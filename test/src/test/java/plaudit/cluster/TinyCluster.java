package plaudit.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import plaudit.endtoend.TinyModel;
import plaudit.node.run.MetricsLog;

/** Nodes in JVMs of their own around one run of a tiny random model; killed at the end. */
final class TinyCluster implements AutoCloseable {

  private final List<NodeJvm> started = new ArrayList<>();
  private final Path directory;
  private final Path model;
  private final List<Integer> seeds;

  /**
   * Nobody is started yet.
   *
   * @param seeds how many seed nodes there are to be
   */
  TinyCluster(Path directory, int seeds) throws IOException {
    this.directory = directory;
    this.model = TinyModel.in(directory);
    this.seeds = new ArrayList<>();
    for (int i = 0; i < seeds; i++) {
      this.seeds.add(NodeJvm.freePort());
    }
  }

  /** The first seed node. */
  NodeJvm learner(String roles, int updates, String... more) throws IOException {
    List<String> settings = settings(updates, more);
    settings.add("cluster.port=" + seeds.get(0));
    return started(NodeJvm.node(directory, "learner", roles, settings));
  }

  /** Another seed node that would take the learner's place. */
  NodeJvm standby(int seed, String roles, Path run, String... more) throws IOException {
    List<String> arguments =
        new ArrayList<>(List.of("node", "--roles", roles, "--standby", run.toString()));
    arguments.addAll(List.of(more));
    arguments.add("cluster.port=" + seeds.get(seed));
    return started(NodeJvm.start(directory, "standby-" + seed, arguments));
  }

  /** A node that needs the model alone. */
  NodeJvm node(String name, String roles, String... more) throws IOException {
    List<String> settings = settings(3, more);
    settings.add("run.data=\"\"");
    return started(NodeJvm.node(directory, name, roles, settings));
  }

  /** Any verb; settings of a node are not added. */
  NodeJvm verb(String name, List<String> arguments) throws IOException {
    return started(NodeJvm.start(directory, name, arguments));
  }

  /** What all nodes are told. */
  List<String> settings(int updates, String... more) {
    List<String> settings = new ArrayList<>(TinyModel.run(model, directory, updates));
    settings.addAll(List.of(more));
    settings.add(
        "cluster.seed-nodes=["
            + String.join(",", seeds.stream().map(port -> "\"127.0.0.1:" + port + "\"").toList())
            + "]");
    return settings;
  }

  /** The settings of the same run in one process. */
  List<String> alone(int updates, String... more) {
    List<String> settings = new ArrayList<>(TinyModel.run(model, directory, updates));
    settings.addAll(List.of(more));
    return settings;
  }

  /** The port of a seed node. */
  int seed(int index) {
    return seeds.get(index);
  }

  /** The directories of runs, oldest first. */
  List<Path> runs() throws IOException {
    try (Stream<Path> runs = Files.list(directory.resolve("runs"))) {
      return runs.sorted().toList();
    }
  }

  /** The metrics of a run's updates. */
  static List<Map<String, Number>> updates(Path run) {
    return MetricsLog.read(run.resolve("metrics.jsonl")).stream()
        .filter(line -> line.containsKey("update"))
        .toList();
  }

  private NodeJvm started(NodeJvm node) {
    started.add(node);
    return node;
  }

  @Override
  public void close() {
    started.forEach(NodeJvm::close);
  }
}

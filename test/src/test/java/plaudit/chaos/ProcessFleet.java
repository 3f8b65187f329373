package plaudit.chaos;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import plaudit.cluster.NodeJvm;
import plaudit.endtoend.TinyModel;
import plaudit.node.run.MetricsLog;
import plaudit.policy.PolicyCheckpoint;

/**
 * The processes of one small run: learner, two samplers, scorer, and a gateway with a label store
 * of its own. Each can be killed and started again; the learner goes on with its run.
 */
final class ProcessFleet implements AutoCloseable {

  /** Everybody, the seed node first. */
  static final List<String> ALL = List.of("learner", "gateway", "scorer", "sampler-1", "sampler-2");

  private static final String LEARNER = "learner";
  private static final String STANDBY = "standby";

  private final Path directory;
  private final List<String> settings;
  private final int seed = NodeJvm.freePort();
  private final int second = NodeJvm.freePort();
  private final int door = NodeJvm.freePort();
  private final Map<String, NodeJvm> nodes = new LinkedHashMap<>();
  private final Map<String, Integer> lives = new LinkedHashMap<>();

  /**
   * Nobody started yet.
   *
   * @param updates of the whole run
   * @param labels of the whole run
   * @param standby whether there will be a second learner's node, which is a seed node too
   */
  ProcessFleet(Path directory, int updates, int labels, boolean standby) throws IOException {
    this.directory = directory;
    this.settings = new ArrayList<>(TinyModel.run(TinyModel.in(directory), directory, updates));
    settings.addAll(
        List.of(
            "cluster.seed-nodes=[\"127.0.0.1:" + seed + "\"]",
            "vendor.labelers=0",
            "vendor.lexicon=\"\"",
            "policy.checkpoint-every=2",
            // So that a prompt that nobody learned from was lost, and not dropped for its age.
            "experience.on-stale=wait",
            "experience.journal.keep=all",
            "policy.learning-rate=1e-6",
            "reward.labels.total=" + labels,
            "reward.labels.outstanding=8",
            "reward.labels.retrainings=4",
            "reward.labels.divisions=5",
            "gateway.store.url=\"jdbc:sqlite:" + labels() + "\"",
            "gateway.store.repeats.share=0",
            "gateway.store.lease=5s",
            "gateway.vendors=[{name=acme, key=\"" + PatientVendor.KEY + "\"}]",
            "gateway.port=" + door));
    if (standby) {
      settings.addAll(
          List.of(
              "cluster.seed-nodes=[\"127.0.0.1:%d\", \"127.0.0.1:%d\"]".formatted(seed, second),
              "cluster.stable-after=3s"));
    }
  }

  /** Starts a node for the first time or again; the learner then goes on with its run. */
  NodeJvm start(String name) throws IOException {
    int life = lives.merge(name, 1, Integer::sum);
    List<String> own = new ArrayList<>(settings);
    NodeJvm node;
    if (name.equals(STANDBY)) {
      node =
          NodeJvm.start(
              directory,
              name + "." + life,
              List.of(
                  "node",
                  "--roles",
                  LEARNER,
                  "--standby",
                  run().toString(),
                  "cluster.port=" + second));
    } else if (!name.equals(LEARNER)) {
      own.add("run.data=\"\"");
      node = NodeJvm.node(directory, name + "." + life, role(name), own);
    } else if (life == 1) {
      own.add("cluster.port=" + seed);
      node = NodeJvm.node(directory, name + "." + life, LEARNER, own);
    } else {
      node =
          NodeJvm.start(
              directory,
              name + "." + life,
              List.of("node", "--roles", LEARNER, "--resume", run().toString()));
    }
    nodes.put(name, node);
    return node;
  }

  /** The standby is the learner from now on; the one before is dead. */
  NodeJvm takesOver() {
    NodeJvm next = node(STANDBY);
    nodes.remove(STANDBY);
    nodes.put(LEARNER, next);
    return next;
  }

  /** Whether everybody who was started is up in {@code node}'s eyes. */
  boolean whole(NodeJvm node) {
    return node.up() == nodes.size();
  }

  /**
   * Whether a node does something useful from now on: the learner an update, a sampler a response,
   * the scorer a score or a question, the gateway a judgment; a standby is there, which is all that
   * it does.
   *
   * @param before its {@link #work} until now; 0 for one that is to be started
   */
  BooleanSupplier useful(String name, PatientVendor vendor, double before) {
    int judgments = vendor.acknowledged().size();
    int updates = name.equals(LEARNER) ? updates().size() : 0;
    return () ->
        switch (role(name)) {
          case LEARNER -> updates().size() > updates;
          case "sampler", "scorer" -> work(name) > before;
          case STANDBY -> whole(node(name));
          default -> vendor.acknowledged().size() > judgments;
        };
  }

  /** Responses of a sampler, or scores and questions of a scorer, since it was started; else 0. */
  double work(String name) {
    return switch (role(name)) {
      case "sampler" -> node(name).meter("plaudit_sampler_rollouts_total");
      case "scorer" ->
          node(name).meter("plaudit_scorer_rollouts_total")
              + node(name).meter("plaudit_scorer_questions_total");
      default -> 0;
    };
  }

  /** Whether a node that was started could do something useful now, if there were work for it. */
  boolean ready(String name) {
    NodeJvm node = node(name);
    return node.up() >= (name.equals(LEARNER) ? 1 : nodes.size())
        && (!role(name).equals("sampler") || node.meter("plaudit_sampler_policy_version") >= 0);
  }

  /** A living node of another name. */
  NodeJvm other(String name) {
    return nodes.entrySet().stream()
        .filter(entry -> !entry.getKey().equals(name) && entry.getValue().alive())
        .map(Map.Entry::getValue)
        .findFirst()
        .orElseThrow();
  }

  /** The living or last one of this name. */
  NodeJvm node(String name) {
    NodeJvm node = nodes.get(name);
    if (node == null) {
      throw new IllegalStateException(name + " was never started");
    }
    return node;
  }

  static String role(String name) {
    return name.replaceAll("-\\d+", "");
  }

  /** Where people label. */
  URI door() {
    return URI.create("http://127.0.0.1:" + door);
  }

  /** The label store's file. */
  Path labels() {
    return directory.resolve("labels").resolve("labels.sqlite");
  }

  /** Whether the run's directory is there, with what a standby reads. */
  boolean hasBegun() {
    try (Stream<Path> runs = Files.list(directory.resolve("runs"))) {
      return runs.anyMatch(run -> Files.isRegularFile(run.resolve("config.conf")));
    } catch (NoSuchFileException e) {
      return false;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The run's directory. */
  Path run() {
    try (Stream<Path> runs = Files.list(directory.resolve("runs"))) {
      return runs.findFirst().orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The update of every line of the run's metrics that tells of one. */
  List<Long> updates() {
    return column("update");
  }

  /** A number of every line of the run's metrics that has it. */
  List<Long> column(String name) {
    return MetricsLog.read(run().resolve("metrics.jsonl")).stream()
        .filter(line -> line.containsKey(name))
        .map(line -> line.get(name).longValue())
        .toList();
  }

  /** The version of the newest finished checkpoint. */
  OptionalLong checkpoint() {
    return PolicyCheckpoint.newest(run().resolve("checkpoints")).stream()
        .mapToLong(PolicyCheckpoint::version)
        .findFirst();
  }

  /** Nobody has died but those who were killed, and they were started again. */
  void requireAllAlive() {
    nodes.forEach(
        (name, node) -> {
          if (!node.alive()) {
            throw new AssertionError(name + " died of itself");
          }
        });
  }

  /** What everybody printed last, for a report of a failure. */
  String words() {
    StringBuilder words = new StringBuilder();
    nodes.forEach(
        (name, node) -> {
          String output = node.output();
          words
              .append("\n--- ")
              .append(name)
              .append(node.alive() ? " (alive)\n" : " (dead)\n")
              .append(output.substring(Math.max(0, output.length() - 3000)));
        });
    return words.toString();
  }

  @Override
  public void close() {
    nodes.values().forEach(NodeJvm::close);
  }
}

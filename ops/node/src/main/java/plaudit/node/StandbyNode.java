package plaudit.node;

import com.typesafe.config.Config;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import plaudit.input.InvalidInputException;
import plaudit.node.config.ClusterSettings;
import plaudit.node.config.Role;
import plaudit.node.config.RunConfig;
import plaudit.node.run.RunDirectory;

/**
 * A node that waits beside a run's learner and takes its place when it dies. While it waits it is a
 * worker with those of its roles that need no run. When its learner is gone (the cluster has given
 * it up, or this node with it) and no process holds the lock of the run's directory, it goes on
 * from the newest checkpoint as {@code --resume} does, in a new cluster that begins with this node.
 * Workers look for a learner at the seed nodes, so they find it there.
 *
 * <p>The lock is the fence: a learner that is only cut off still holds it, and of two standbys one
 * gets it.
 */
public final class StandbyNode {

  private static final String SEEDS = "plaudit.cluster.seed-nodes";

  /** In the cluster's eyes a role of nodes that would take the learner's place. */
  private static final String STANDBY = "standby";

  /** What makes a run what it is; everything else may differ from node to node. */
  private static final List<String> THE_RUNS =
      List.of(
          "plaudit.task",
          "plaudit.policy",
          "plaudit.reward",
          "plaudit.experience",
          "plaudit.run.seed",
          "plaudit.run.shuffle-seed");

  private final RunConfig config;
  private final Set<Role> roles;
  private final Path run;
  private final PrintWriter out;
  private final ClusterSettings cluster;

  /**
   * A standby that reports to {@code out}.
   *
   * @param roles what it does once it has taken over, the learner's among them
   * @param run the directory of the run, the same as the learner's
   * @throws InvalidInputException if there is no such run, it was begun with other settings, or no
   *     worker could find this node once it has taken over
   */
  public StandbyNode(RunConfig config, Set<Role> roles, Path run, PrintWriter out) {
    this.config = config;
    this.roles = Set.copyOf(roles);
    this.run = run;
    this.out = out;
    this.cluster = ClusterSettings.from(config.config());
    if (!Files.isRegularFile(run.resolve("config.conf"))) {
      throw InvalidInputException.of("--standby", run, "the directory of a run");
    }
    RunConfig begun = RunConfig.load(run.resolve("config.conf").toString(), List.of());
    checkSame(config.config(), begun.config());
    if (others().isEmpty() || others().size() == cluster.seedNodes().size()) {
      throw InvalidInputException.of(
          SEEDS,
          cluster.seedNodes(),
          "the learner's address and this node's, " + cluster.address());
    }
  }

  /**
   * Waits, and runs to the end what it takes over.
   *
   * @return how that ended; empty if it was stopped before, or the run ended without it
   */
  public Optional<Job.Result> serve() throws InterruptedException {
    while (!RunDirectory.hasEnded(run) || !RunDirectory.isFree(run)) {
      WorkerNode follower =
          new WorkerNode(config.with(SEEDS, others()), awake(), out, Set.of(STANDBY), this::isFree);
      boolean served = follower.work();
      if (follower.isStopped()) {
        return Optional.empty();
      }
      if (!served && !isFree()) {
        throw new IllegalStateException(
            "no learner at %s, and yet a process holds the run %s".formatted(others(), run));
      }
      if (isFree() && !RunDirectory.hasEnded(run)) {
        Optional<Job.Result> result = takeOver();
        if (result.isPresent()) {
          return result;
        }
      }
    }
    say("Run           %s has ended".formatted(run));
    return Optional.empty();
  }

  /** Empty if another standby was faster. */
  private Optional<Job.Result> takeOver() throws InterruptedException {
    say("The learner has gone; this node takes over %s".formatted(run));
    Set<Role> mine = EnumSet.copyOf(roles);
    mine.remove(Role.HELPER); // it would take from the learner what it gives
    RunConfig alone = config.with(SEEDS, List.of(cluster.address()));
    try {
      return Optional.of(new Job(alone, mine, out).resume(run));
    } catch (InvalidInputException e) {
      if (isFree()) {
        throw e;
      }
      say("Another node has taken over");
      return Optional.empty();
    }
  }

  private boolean isFree() {
    return RunDirectory.isFree(run);
  }

  /** A label store in the run's directory has one owner, so a gateway waits too. */
  private Set<Role> awake() {
    Set<Role> awake = EnumSet.copyOf(roles);
    awake.removeAll(Set.of(Role.LEARNER, Role.GATEWAY));
    return awake;
  }

  /** Without its own address it cannot begin a cluster, which is for a learner to do. */
  private List<String> others() {
    return cluster.seedNodes().stream().filter(seed -> !seed.equals(cluster.address())).toList();
  }

  private static void checkSame(Config mine, Config begun) {
    Map<String, Object> ours = values(mine);
    Map<String, Object> theirs = values(begun);
    Set<String> keys = new TreeSet<>(ours.keySet());
    keys.addAll(theirs.keySet());
    for (String key : keys) {
      Object own = ours.getOrDefault(key, "not set");
      Object expected = theirs.getOrDefault(key, "not set");
      if (!own.equals(expected)) {
        throw InvalidInputException.of(key, own, expected + ", with which the run was begun");
      }
    }
  }

  private static Map<String, Object> values(Config config) {
    Map<String, Object> values = new TreeMap<>();
    config
        .entrySet()
        .forEach(
            entry -> {
              if (THE_RUNS.stream().anyMatch(path -> isBelow(entry.getKey(), path))) {
                values.put(entry.getKey(), entry.getValue().unwrapped().toString());
              }
            });
    return values;
  }

  private static boolean isBelow(String key, String path) {
    return key.equals(path) || key.startsWith(path + ".");
  }

  private void say(String line) {
    out.println(line);
    out.flush();
  }
}

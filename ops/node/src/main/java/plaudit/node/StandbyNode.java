package plaudit.node;

import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import plaudit.input.InvalidInputException;
import plaudit.node.config.ClusterSettings;
import plaudit.node.config.Precisions;
import plaudit.node.config.Role;
import plaudit.node.config.RunConfig;
import plaudit.node.config.SharedSettings;
import plaudit.node.run.RunDirectory;
import plaudit.node.run.RunIdentity;
import plaudit.node.run.RunOwner;

/**
 * A node that waits beside a run's learner and takes its place when it dies. While it waits it is a
 * worker with those of its roles that need no run. When its learner is gone (the cluster has given
 * it up, or this node with it) and no process owns the run ({@link RunOwner}), it goes on from the
 * newest checkpoint as {@code --resume} does, in a new cluster that begins with this node. Workers
 * look for a learner at the seed nodes, so they find it there.
 *
 * <p>The lock, or the lease, is the fence: a learner that is only cut off still holds it, and of
 * two standbys one gets it.
 */
public final class StandbyNode {

  private static final String SEEDS = "plaudit.cluster.seed-nodes";

  /** In the cluster's eyes a role of nodes that would take the learner's place. */
  private static final String STANDBY = "standby";

  private final RunConfig config;
  private final Set<Role> roles;
  private final Path run;
  private final PrintWriter out;
  private final ClusterSettings cluster;
  private final RunOwner owner;

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
    this.owner = RunOwner.from(config.config());
    if (!Files.isRegularFile(run.resolve("config.conf"))) {
      throw InvalidInputException.of("--standby", run, "the directory of a run");
    }
    RunConfig begun = RunDirectory.settings(run, List.of());
    SharedSettings.refuse(
        SharedSettings.differences(
            SharedSettings.of(config.config()), SharedSettings.of(begun.config())),
        "the run was begun with these values");
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
    while (!RunDirectory.hasEnded(run) || !isFree()) {
      WorkerNode follower =
          new WorkerNode(
              config.with(SEEDS, others()),
              awake(),
              out,
              RunIdentity.of(run).map(RunIdentity::id),
              Set.of(STANDBY),
              this::isFree);
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
    RunConfig alone =
        Precisions.asRun(config, RunDirectory.settings(run, List.of()).config())
            .with(SEEDS, List.of(cluster.address()));
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
    return owner.isFree(run);
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

  private void say(String line) {
    out.println(line);
    out.flush();
  }
}

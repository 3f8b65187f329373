package plaudit.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import plaudit.input.InvalidInputException;
import plaudit.node.Idle;
import plaudit.node.Job;
import plaudit.node.StandbyNode;
import plaudit.node.WorkerNode;
import plaudit.node.config.ClusterSettings;
import plaudit.node.config.Role;
import plaudit.node.config.RunConfig;
import plaudit.node.config.RunSettings;
import plaudit.node.run.RunDirectory;
import plaudit.node.telemetry.Logging;
import plaudit.policy.PolicyCheckpoint;
import plaudit.policy.PolicySettings;

/** {@code node}: one node of a cluster, with some of the roles of a run. */
@Command(
    name = "node",
    description = {
      "Start one node of a cluster. The learner's node makes the run and its directory; samplers,"
          + " scorers, gateways and helpers, which compute a part of the learner's gradients, join"
          + " it and leave it at any time, and need only the model.",
      "A stopped node (Ctrl-C, SIGTERM) hands back its work first."
    },
    footer = {
      "",
      "On the first machine, then on others:",
      "  plaudit node --roles learner,gateway --config my.conf cluster.host=ada cluster.port=17355"
          + " 'cluster.seed-nodes=[\"ada:17355\"]'",
      "  plaudit node --roles sampler,scorer --model DIR cluster.host=bob"
          + " 'cluster.seed-nodes=[\"ada:17355\"]'",
      "Nodes without the learner take task and seed from the run and need the same model; what they",
      "are given besides must be the run's. docs/operations.md tells more, and docs/deployment.md",
      "how to run nodes as services, in containers and on Kubernetes."
    })
public final class NodeVerb extends JobVerb {

  private static final Logger LOG = LoggerFactory.getLogger(NodeVerb.class);

  @Option(
      names = "--roles",
      paramLabel = "ROLE,...",
      required = true,
      description = "Some of learner, sampler, scorer, gateway, helper; one learner in a cluster.")
  private String roles = "";

  @Option(
      names = "--config",
      paramLabel = "FILE|PRESET",
      description = "A HOCON file, or the name of a preset.")
  private @Nullable String config;

  @Option(
      names = "--resume",
      paramLabel = "DIR",
      description = "For the learner's node: go on with the run of this directory.")
  private @Nullable Path resume;

  @Option(
      names = "--continue",
      description = {
        "For the learner's node under a supervisor: go on with the newest run of this name in"
            + " run.directory whose learner has begun, or begin one if there is none. With the"
            + " settings of --config; those that make the run must be the ones it began with."
      })
  private boolean goOn;

  @Option(
      names = "--standby",
      paramLabel = "DIR",
      description = {
        "For a second learner's node: wait, and go on with the run of this directory when the"
            + " learner's node has died. The directory is on a disk that both share; the settings"
            + " are the directory's own unless there is a --config."
      })
  private @Nullable Path standby;

  @Option(
      names = "--stay",
      description =
          "For the learner's node: when the run has ended, wait to be stopped, for a supervisor"
              + " that starts again whatever ends.")
  private boolean stay;

  @Override
  public Integer call() throws InterruptedException {
    Set<Role> mine = Role.parse(roles);
    RunConfig settings = load(mine);
    if (!ClusterSettings.from(settings.config()).isMany()) {
      throw InvalidInputException.of(
          "plaudit.cluster.seed-nodes",
          "[]",
          "the host:port of one node at least, the learner's own if it is the first; a run in one"
              + " process is the verb run");
    }
    if (mine.contains(Role.LEARNER)) {
      ClusterSettings.from(settings.config()).requireOwnSeed();
    }
    if (!mine.contains(Role.LEARNER) || standby != null) {
      return logged(settings, mine);
    }
    Optional<Path> earlier = goOn ? newestRun(settings) : Optional.ofNullable(resume);
    if (goOn && earlier.filter(run -> isComplete(run, settings)).isPresent()) {
      err().println("Run           " + earlier.get() + " is complete");
      return ended(settings, "the run is complete", 0);
    }
    Job job = job(settings, mine);
    Job.Result result = earlier.isPresent() ? job.resume(earlier.get()) : job.start();
    String why = result.complete() ? "the run is complete" : "the run was stopped, see its report";
    return ended(settings, why, ending(result));
  }

  /** A node without a run's directory, which has no {@code run.log}. */
  private int logged(RunConfig settings, Set<Role> mine) throws InterruptedException {
    configureLogs(settings, mine);
    String name =
        (standby == null ? "" : "standby-") + Role.words(mine, Set.of()).replace(',', '-');
    try (Logging.LogFile file = Logging.ofNode(name)) {
      try {
        return standby == null ? work(settings, mine) : standBy(settings, mine, standby);
      } catch (RuntimeException e) {
        LOG.info("the node failed", e);
        throw e;
      }
    }
  }

  private int work(RunConfig settings, Set<Role> mine) throws InterruptedException {
    return new WorkerNode(settings, mine, err()).work() ? 0 : 1;
  }

  private int standBy(RunConfig settings, Set<Role> mine, Path run) throws InterruptedException {
    Optional<Job.Result> result = new StandbyNode(settings, mine, run, err()).serve();
    return ended(settings, "the run has ended", result.map(this::ending).orElse(0));
  }

  private int ended(RunConfig settings, String why, int exitCode) {
    if (stay) {
      Idle.untilStopped(settings.config(), why, err());
    }
    return exitCode;
  }

  private static Optional<Path> newestRun(RunConfig settings) {
    return RunDirectory.newest(RunSettings.from(settings.config()).directory(), settings.name());
  }

  private static boolean isComplete(Path run, RunConfig settings) {
    return PolicyCheckpoint.newest(RunDirectory.checkpointsOf(run))
        .filter(last -> last.version() >= PolicySettings.from(settings.config()).updates())
        .isPresent();
  }

  private RunConfig load(Set<Role> mine) {
    if (standby == null && mine.contains(Role.LEARNER) && (config == null) == (resume == null)) {
      throw new InvalidInputException("node: expected either --config or --resume");
    }
    if (goOn && resume != null) {
      throw new InvalidInputException("node: expected either --continue or --resume");
    }
    if (standby != null && (goOn || resume != null)) {
      throw new InvalidInputException(
          "node: expected one of --standby, --resume and --continue at most");
    }
    if (standby == null && mine.containsAll(Set.of(Role.LEARNER, Role.HELPER))) {
      throw InvalidInputException.of(
          "--roles", roles, "learner or helper: a helper is of use on another machine");
    }
    if ((resume != null || goOn || stay || standby != null) && !mine.contains(Role.LEARNER)) {
      throw InvalidInputException.of(
          resume != null
              ? "--resume"
              : goOn ? "--continue" : standby != null ? "--standby" : "--stay",
          "for " + roles,
          "the learner's role: others keep nothing to go on from");
    }
    Path earlier = resume != null ? resume : config == null ? standby : null;
    if (earlier != null) {
      return RunDirectory.settings(earlier, settings(List.of()));
    }
    return config == null
        ? RunConfig.defaults(settings(List.of()))
        : RunConfig.load(config, settings(List.of()));
  }
}

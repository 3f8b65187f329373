package plaudit.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
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
      "  plaudit node --roles sampler,scorer --config my.conf cluster.host=bob"
          + " 'cluster.seed-nodes=[\"ada:17355\"]'",
      "All nodes need the same task, model and seed. docs/operations.md tells more, and",
      "docs/deployment.md how to run nodes as services, in containers and on Kubernetes."
    })
public final class NodeVerb extends JobVerb {

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
        "For the learner's node under a supervisor: go on with the newest run in run.directory, or"
            + " begin one if there is none. With the settings of --config, which therefore must be"
            + " those it began with, but for addresses and secrets."
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
    if (!mine.contains(Role.LEARNER)) {
      return new WorkerNode(settings, mine, err()).work() ? 0 : 1;
    }
    if (standby != null) {
      Optional<Job.Result> result = new StandbyNode(settings, mine, standby, err()).serve();
      return ended(settings, "the run has ended", result.map(this::ending).orElse(0));
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

  private int ended(RunConfig settings, String why, int exitCode) {
    if (stay) {
      Idle.untilStopped(settings.config(), why, err());
    }
    return exitCode;
  }

  private static Optional<Path> newestRun(RunConfig settings) {
    return RunDirectory.newest(RunSettings.from(settings.config()).directory());
  }

  private static boolean isComplete(Path run, RunConfig settings) {
    return PolicyCheckpoint.newest(RunDirectory.checkpointsOf(run))
        .filter(last -> last.version() >= PolicySettings.from(settings.config()).updates())
        .isPresent();
  }

  private RunConfig load(Set<Role> mine) {
    if (standby == null && (config == null) == (resume == null)) {
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
    if (earlier != null && !Files.isRegularFile(earlier.resolve("config.conf"))) {
      throw InvalidInputException.of(
          resume != null ? "--resume" : "--standby", earlier, "the directory of a run");
    }
    return RunConfig.load(
        earlier == null ? String.valueOf(config) : earlier.resolve("config.conf").toString(),
        settings(List.of()));
  }
}

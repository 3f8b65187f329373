package plaudit.node;

import com.typesafe.config.Config;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import plaudit.gateway.Gateway;
import plaudit.gateway.http.GatewayMeters;
import plaudit.gateway.http.GatewaySettings;
import plaudit.gateway.store.JdbcLabels;
import plaudit.input.InvalidInputException;
import plaudit.node.config.ClusterSettings;
import plaudit.node.config.NodeSettings;
import plaudit.node.config.Role;
import plaudit.node.config.RunConfig;
import plaudit.node.labels.LabelImport;
import plaudit.node.labels.RunLabels;
import plaudit.node.run.MetricsLog;
import plaudit.node.run.ProgressLine;
import plaudit.node.run.RunDirectory;
import plaudit.node.telemetry.Telemetry;
import plaudit.policy.PolicyCheckpoint;
import plaudit.policy.PolicySettings;
import plaudit.policy.actor.PolicyLearner.Ended;
import plaudit.reward.RewardSettings;
import plaudit.snapshots.Model;
import plaudit.snapshots.Snapshot;
import plaudit.snapshots.SnapshotFiles;
import plaudit.snapshots.SnapshotServer;

/**
 * One run, from the learner's node: by default a cluster of one with all roles, the gateway's door,
 * and, if the configuration says so, a simulated vendor outside of it. Ends by itself, at its time
 * limit, when interrupted or when a labeler pulls the cord, each time with a checkpoint.
 */
public final class Run {

  private static final Duration LOOK_EVERY = Duration.ofMillis(250);
  private static final String LABELS = "plaudit.run.labels";

  private final RunConfig config;
  private final Set<Role> roles;
  private final RunDirectory directory;
  private final RunInputs inputs;
  private final ProgressLine terminal;
  private final PrintWriter words;
  private final InstantSource clock = InstantSource.system();
  private final BooleanSupplier interrupted;

  /**
   * A run that has not started.
   *
   * @param roles of this node, the learner's among them
   * @param directory new, or that of an earlier part of the run
   * @param interrupted whether somebody asked for the end
   */
  public Run(
      RunConfig config,
      Set<Role> roles,
      RunDirectory directory,
      RunInputs inputs,
      ProgressLine terminal,
      PrintWriter words,
      BooleanSupplier interrupted) {
    this.config = config;
    this.roles = Set.copyOf(roles);
    this.directory = directory;
    this.inputs = inputs;
    this.terminal = terminal;
    this.words = words;
    this.interrupted = interrupted;
  }

  /**
   * How a run ended.
   *
   * @param version policy updates made
   * @param reason why it ended early, empty if it did not
   * @param complete whether all updates were made
   * @param alarm whether a tripwire stopped it
   */
  public record Outcome(
      long version, String reason, boolean complete, boolean alarm, RunMonitor feed) {}

  /** Runs the loops to their end. */
  public Outcome run() throws InterruptedException {
    Config settings = config.config();
    VendorPlan vendor = VendorPlan.from(settings);
    String key = VendorPlan.newKey();
    if (!roles.contains(Role.GATEWAY) && !settings.getString(LABELS).isEmpty()) {
      throw InvalidInputException.of(
          LABELS, settings.getString(LABELS), "none, the label store being on another node");
    }
    try (Telemetry telemetry = Telemetry.start(settings);
        MetricsLog log =
            MetricsLog.open(
                directory.metrics(), settings.getInt("plaudit.run.metrics-lines-per-sync"));
        @Nullable JdbcLabels labels = roles.contains(Role.GATEWAY) ? open() : null;
        @Nullable SnapshotServer server = serve()) {
      GatewaySettings door = GatewaySettings.from(settings);
      Optional<GatewayPart> gateway =
          Optional.ofNullable(labels)
              .map(
                  store ->
                      new GatewayPart(
                          vendor.enabled() ? door.withVendor(VendorPlan.NAME, key) : door,
                          store,
                          new GatewayMeters(telemetry.registry())));
      SnapshotFiles files =
          server == null
              ? SnapshotFiles.in(directory.snapshots())
              : SnapshotFiles.servedAt(directory.snapshots(), server.url());
      if (server != null) {
        server.serve(files);
      }
      return loops(parts(files, log, telemetry), files, gateway, telemetry, vendor, key);
    }
  }

  private RunParts parts(SnapshotFiles files, MetricsLog log, Telemetry telemetry) {
    Config settings = config.config();
    RunMonitor feed =
        new RunMonitor(
            config.name(),
            inputs,
            PolicySettings.from(settings),
            RewardSettings.from(settings).labels().total(),
            log,
            telemetry.registry(),
            MetricsLog.readLine(directory.metrics()),
            clock);
    Optional<PolicyCheckpoint> checkpoint = PolicyCheckpoint.newest(directory.checkpoints());
    return RunParts.of(
        settings,
        inputs,
        files,
        directory.checkpoints(),
        directory.journal(),
        telemetry.registry(),
        feed,
        recovered(inputs, files, checkpoint),
        checkpoint);
  }

  private Outcome loops(
      RunParts parts,
      SnapshotFiles files,
      Optional<GatewayPart> gateway,
      Telemetry telemetry,
      VendorPlan vendor,
      String key)
      throws InterruptedException {
    Optional<WorkerParts> worker =
        WorkerParts.needed(roles)
            ? Optional.of(WorkerParts.of(config.config(), inputs, files, parts.meters()))
            : Optional.empty();
    CompletableFuture<Ended> end = new CompletableFuture<>();
    NodeParts node = new NodeParts(roles, Optional.of(parts), worker, gateway);
    try (Node here =
        Node.start(
            Guardian.create(node, end),
            config.config(),
            roles,
            gateway.map(part -> part.labels().settings()))) {
      telemetry.status(() -> here.statusJson(telemetry.registry()));
      telemetry.ready(() -> here.missing(node, telemetry.registry()));
      if (ClusterSettings.from(config.config()).isMany()) {
        words.printf("Node          %s, %s%n", here.address(), WorkerNode.words(roles, Set.of()));
      }
      Outcome outcome;
      if (gateway.isPresent()) {
        Gateway door = gateway.get().open(here.system(), parts.feed());
        words.printf("Label at      %s/%nWatch at      %s/console%n", door.url(), door.url());
        words.flush();
        try (VendorPlan.Working working = vendor.start(door.url(), key)) {
          outcome = watch(here, end, parts.feed(), working);
        }
        door.drain().toCompletableFuture().join();
      } else {
        outcome = watch(here, end, parts.feed(), VendorPlan.Working.NOBODY);
      }
      return outcome;
    }
  }

  private Outcome watch(
      Node node, CompletableFuture<Ended> end, RunMonitor feed, VendorPlan.Working vendor)
      throws InterruptedException {
    Duration limit = config.config().getDuration("plaudit.run.time-limit");
    Instant start = clock.instant();
    String reason = "";
    while (true) {
      try {
        Ended ended = end.get(LOOK_EVERY.toMillis(), TimeUnit.MILLISECONDS);
        String why = ended.alarm().isEmpty() ? reason : ended.alarm();
        boolean complete = ended.version() >= PolicySettings.from(config.config()).updates();
        return new Outcome(
            ended.version(), complete ? "" : why, complete, !ended.alarm().isEmpty(), feed);
      } catch (TimeoutException e) {
        terminal.show(feed.progress());
        vendor.throwFailure();
        node.throwRefusal();
        if (node.isOver()) {
          throw new IllegalStateException("the cluster does not know this node any more");
        }
        String stop = stopReason(limit, Duration.between(start, clock.instant()), feed);
        if (reason.isEmpty() && !stop.isEmpty()) {
          reason = stop;
          feed.phase("stopping: " + stop);
          terminal.say("Stopping after this update: " + stop);
          node.system().tell(Guardian.Stop.INSTANCE);
        }
      } catch (ExecutionException e) {
        Throwable cause = e.getCause() == null ? e : e.getCause();
        throw new IllegalStateException(String.valueOf(cause.getMessage()), cause);
      }
    }
  }

  private String stopReason(Duration limit, Duration passed, RunMonitor feed) {
    if (interrupted.getAsBoolean()) {
      return "interrupted";
    }
    if (!limit.isZero() && passed.compareTo(limit) > 0) {
      return "time limit of " + limit.toMinutes() + " minutes";
    }
    return feed.line().isEmpty() ? "" : "a labeler stopped the line: " + feed.line();
  }

  /** Labels of a file come first; a resumed run has them already. */
  private void takeOver(JdbcLabels labels, String file) {
    LabelImport.Imported imported =
        new LabelImport(
                inputs.tokenizer(),
                inputs.reference().config().vocabulary(),
                inputs.reference().config().context())
            .read(Path.of(file), labels);
    words.printf(
        "Labels        %d of %s, %d of them new%n", imported.preferences(), file, imported.fresh());
    words.flush();
  }

  private JdbcLabels open() {
    JdbcLabels labels =
        JdbcLabels.open(RunLabels.settings(config.config(), directory), clock, new SecureRandom());
    String file = config.config().getString(LABELS);
    try {
      // Simulated people live in this process: what they held, they held in one that died.
      labels.releaseAll(VendorPlan.NAME);
      if (!file.isEmpty()) {
        takeOver(labels, file);
      }
    } catch (RuntimeException e) {
      labels.close();
      throw e;
    }
    return labels;
  }

  /** In one process weights are read where they are written. */
  private @Nullable SnapshotServer serve() {
    ClusterSettings cluster = ClusterSettings.from(config.config());
    if (!cluster.isMany()) {
      return null;
    }
    NodeSettings own = NodeSettings.from(config.config());
    return SnapshotServer.bind(
        cluster.listensOn(), own.snapshotPort(), cluster.host(), own.downloads());
  }

  /** Snapshots of an earlier part of the run: the checkpoint's policy and the newest reward. */
  private static Map<Model, Snapshot> recovered(
      RunInputs inputs, SnapshotFiles files, Optional<PolicyCheckpoint> checkpoint) {
    Map<Model, Snapshot> recovered = new EnumMap<>(Model.class);
    checkpoint.ifPresent(
        c -> recovered.put(Model.POLICY, c.republish(inputs.reference().config(), files)));
    files.newest(Model.REWARD).ifPresent(s -> recovered.put(Model.REWARD, s));
    return recovered;
  }
}

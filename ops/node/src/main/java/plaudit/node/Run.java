package plaudit.node;

import com.typesafe.config.Config;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import plaudit.experience.ExperienceSettings;
import plaudit.gateway.Gateway;
import plaudit.gateway.http.GatewaySettings;
import plaudit.gateway.store.JdbcLabels;
import plaudit.input.InvalidInputException;
import plaudit.labelfile.LabelFile.BadRows;
import plaudit.labels.actor.LabelStore;
import plaudit.node.config.ClusterSettings;
import plaudit.node.config.DataSettings;
import plaudit.node.config.Role;
import plaudit.node.config.RunConfig;
import plaudit.node.labels.LabelImport;
import plaudit.node.labels.RunLabels;
import plaudit.node.run.MetricsLog;
import plaudit.node.run.Progress;
import plaudit.node.run.ProgressLine;
import plaudit.node.run.RunDirectory;
import plaudit.node.run.RunIdentity;
import plaudit.policy.PolicyCheckpoint;
import plaudit.policy.PolicySettings;
import plaudit.policy.actor.PolicyLearner.Ended;
import plaudit.reward.RewardSettings;
import plaudit.rewards.SourceSettings;
import plaudit.snapshots.DirectoryObjects;
import plaudit.snapshots.Model;
import plaudit.snapshots.Snapshot;
import plaudit.snapshots.SnapshotFiles;
import plaudit.snapshots.SnapshotServer;
import plaudit.snapshots.SnapshotStore;
import plaudit.snapshots.s3.S3Objects;
import plaudit.snapshots.s3.S3Settings;
import plaudit.time.MonotonicClock;

/**
 * One run, on the learner's node: by default a cluster of one with all roles, and, if the settings
 * say so, a simulated vendor outside of it. Ends by itself, at its time limit or when interrupted,
 * each time with a checkpoint. While a labeler has it stopped it waits, and its time runs on.
 */
public final class Run {

  private static final String STORE = "plaudit.snapshots.store";

  private static final Duration LOOK_EVERY = Duration.ofMillis(250);
  private static final String LABELS = "plaudit.run.labels";

  private final RunConfig config;
  private final Set<Role> roles;
  private final RunDirectory directory;
  private final RunIdentity identity;
  private final RunInputs inputs;
  private final ProgressLine terminal;
  private final PrintWriter out;
  private final InstantSource clock = InstantSource.system();
  private final BooleanSupplier interrupted;
  private final Optional<String> letGoOnBy;
  private final SourceSettings source;
  private final VendorPlan vendor;
  private final String vendorKey = VendorPlan.newKey();

  /**
   * A run that has not started.
   *
   * @param roles of this node, the learner's among them
   * @param directory new, or that of an earlier part of the run
   * @param identity written there once the run has begun
   * @param interrupted whether the end was asked for
   * @param letGoOnBy the operator who lets a run go on that a labeler has stopped
   */
  public Run(
      RunConfig config,
      Set<Role> roles,
      RunDirectory directory,
      RunIdentity identity,
      RunInputs inputs,
      ProgressLine terminal,
      PrintWriter out,
      BooleanSupplier interrupted,
      Optional<String> letGoOnBy) {
    this.config = config;
    this.roles = Set.copyOf(roles);
    this.directory = directory;
    this.identity = identity;
    this.inputs = inputs;
    this.terminal = terminal;
    this.out = out;
    this.interrupted = interrupted;
    this.letGoOnBy = letGoOnBy;
    this.source = SourceSettings.from(config.config());
    this.vendor = VendorPlan.from(config.config());
  }

  /**
   * How a run ended.
   *
   * @param version policy updates made
   * @param reason why it ended early, empty if it did not
   * @param complete whether all updates were made and published
   * @param alarm whether a tripwire, a low question yield or scores that did not come stopped it
   */
  public record Outcome(
      long version, String reason, boolean complete, boolean alarm, RunMonitor monitor) {}

  /** Runs the loops to their end. */
  public Outcome run() throws InterruptedException {
    String labels = config.config().getString(LABELS);
    if (!roles.contains(Role.GATEWAY) && !labels.isEmpty()) {
      throw InvalidInputException.of(LABELS, labels, "none, the label store being on another node");
    }
    CompletableFuture<Ended> end = new CompletableFuture<>();
    try (NodeParts parts = new NodeParts(config.config(), roles, this);
        NodeProcess node = new NodeProcess(parts, Set.of(), end)) {
      if (ClusterSettings.from(config.config()).isMany()) {
        out.printf("Node          %s, %s%n", node.address(), Role.words(roles, Set.of()));
      }
      RunMonitor monitor = parts.learner.orElseThrow().monitor();
      Optional<Gateway> gateway = node.openGateway(monitor);
      gateway.ifPresent(it -> monitor.labelAt(it.url().toString()));
      if (asksPeople()) {
        gateway.ifPresent(it -> out.printf("Label at      %s/%n", it.url()));
      }
      gateway.ifPresent(it -> out.printf("Watch at      %s/console%n", it.url()));
      out.flush();
      try (VendorPlan.Working working =
          gateway
              .filter(it -> asksPeople())
              .map(it -> vendor.start(it.url(), vendorKey))
              .orElse(VendorPlan.Working.NONE)) {
        return watch(node, end, monitor, working);
      }
    }
  }

  private boolean asksPeople() {
    return source.asksPeople();
  }

  RunInputs inputs() {
    return inputs;
  }

  /** In one process weights are read where they are written. */
  SnapshotFiles snapshots(Optional<SnapshotServer> server) {
    return server
        .map(it -> SnapshotFiles.servedAt(directory.snapshots(), it.url()))
        .orElseGet(() -> SnapshotFiles.in(directory.snapshots()));
  }

  /**
   * Where other nodes find weights, if not with this one: {@code plaudit.snapshots.store}.
   *
   * @throws InvalidInputException if that is no location or cannot be written to
   */
  Optional<SnapshotStore> store() {
    String location = config.config().getString(STORE);
    if (location.isEmpty()) {
      return Optional.empty();
    }
    String run = identity.id();
    if (location.startsWith(S3Objects.SCHEME + "://")) {
      S3Settings settings = S3Settings.from(config.config());
      return Optional.of(new SnapshotStore(S3Objects.open(STORE, location, run, settings)));
    }
    if (location.matches("file:///[^?#\\s]+")) {
      Path mount = Path.of(URI.create(location));
      return Optional.of(new SnapshotStore(new DirectoryObjects(STORE, mount, run)));
    }
    throw InvalidInputException.of(STORE, location, "s3://BUCKET/PREFIX or file:///MOUNT");
  }

  /** The gateway knows the run's own simulated vendor besides those of the settings. */
  GatewaySettings withItsVendor(GatewaySettings gateway) {
    return vendor.enabled() ? gateway.withVendor(VendorPlan.NAME, vendorKey) : gateway;
  }

  /** The learner's parts, as an earlier part of the run has left them. */
  RunParts parts(SnapshotFiles files, MeterRegistry meters) {
    Config settings = config.config();
    RunMonitor monitor =
        new RunMonitor(
            config.name(),
            inputs,
            PolicySettings.from(settings),
            asksPeople() ? RewardSettings.from(settings).labels().total() : 0,
            ExperienceSettings.leastYield(settings),
            vendor.preference(),
            metrics(settings),
            meters,
            clock);
    Optional<PolicyCheckpoint> checkpoint = PolicyCheckpoint.newest(directory.checkpoints());
    return RunParts.of(
        settings,
        inputs,
        files,
        directory,
        identity,
        meters,
        monitor,
        recovered(inputs, files, checkpoint),
        checkpoint,
        letGoOnBy);
  }

  private MetricsLog metrics(Config settings) {
    MetricsLog log =
        MetricsLog.open(directory.metrics(), settings.getInt("plaudit.run.metrics-lines-per-sync"));
    return settings.getBoolean("plaudit.run.tensorboard")
        ? log.withEvents(directory.tensorboard(), clock)
        : log;
  }

  private Outcome watch(
      NodeProcess node, CompletableFuture<Ended> end, RunMonitor monitor, VendorPlan.Working vendor)
      throws InterruptedException {
    Duration limit = config.config().getDuration("plaudit.run.time-limit");
    Instant start = MonotonicClock.PROCESS.instant();
    String reason = "";
    boolean gaveUp = false;
    Optional<LabelStore.Stop> told = Optional.empty();
    while (true) {
      try {
        Ended ended = end.get(LOOK_EVERY.toMillis(), TimeUnit.MILLISECONDS);
        String why = ended.alarm().isEmpty() ? reason : ended.alarm();
        boolean complete =
            ended.version() >= PolicySettings.from(config.config()).updates()
                && monitor.stop().isEmpty();
        boolean alarm =
            !ended.alarm().isEmpty()
                || (!complete && (gaveUp || monitor.tooFewQuestions().isPresent()));
        return new Outcome(ended.version(), complete ? "" : why, complete, alarm, monitor);
      } catch (TimeoutException e) {
        told = tell(monitor, told);
        terminal.show(monitor.progress());
        vendor.throwFailure();
        directory.requireOwned();
        node.throwRefusal();
        if (node.isOver()) {
          throw new IllegalStateException("the cluster does not know this node any more");
        }
        Optional<String> without = monitor.withoutScores(source.giveUpAfter());
        gaveUp |= without.isPresent();
        Duration passed = Duration.between(start, MonotonicClock.PROCESS.instant());
        String stop =
            without.or(monitor::tooFewQuestions).orElseGet(() -> stopReason(limit, passed));
        if (reason.isEmpty() && !stop.isEmpty()) {
          reason = stop;
          monitor.phase("stopping: " + stop);
          terminal.say("Stopping after this update: " + stop);
          node.system().tell(Guardian.Stop.INSTANCE);
        }
      } catch (ExecutionException e) {
        directory.requireOwned();
        Throwable cause = e.getCause() == null ? e : e.getCause();
        if (cause instanceof InvalidInputException refusal) {
          throw refusal;
        }
        throw new IllegalStateException(String.valueOf(cause.getMessage()), cause);
      }
    }
  }

  /** Says once that a labeler has stopped the run, and once that it goes on. */
  private Optional<LabelStore.Stop> tell(RunMonitor monitor, Optional<LabelStore.Stop> told) {
    Optional<LabelStore.Stop> stop = monitor.stop();
    if (!stop.equals(told)) {
      terminal.say(
          stop.map(
                  it ->
                      "STOPPED by %s at %s: %s%nNo version is published until an operator lets the run go on: %s"
                          .formatted(
                              it.by(),
                              it.since().truncatedTo(ChronoUnit.SECONDS),
                              it.reason(),
                              monitor.howToGoOn()))
              .orElse("The run goes on"));
    }
    return stop;
  }

  private String stopReason(Duration limit, Duration passed) {
    if (interrupted.getAsBoolean()) {
      return "interrupted";
    }
    if (!limit.isZero() && passed.compareTo(limit) > 0) {
      return "time limit of " + Progress.clock(limit);
    }
    return "";
  }

  /** Labels of a file come first; a resumed run has them already. */
  private void importLabels(JdbcLabels labels, String file) {
    LabelImport.Imported imported =
        new LabelImport(
                inputs.tokenizer(),
                inputs.reference().config().vocabulary(),
                inputs.reference().config().context())
            .read(
                Path.of(file),
                DataSettings.columns(config.config(), "plaudit.run.label-columns"),
                labels,
                BadRows.REFUSE);
    out.printf(
        "Labels        %d of %s, %d of them new%n", imported.preferences(), file, imported.fresh());
    if (imported.cut() > 0) {
      out.printf(
          "              %d queries lost their beginning, to fit into the model's context%n",
          imported.cut());
    }
    out.flush();
  }

  /** The run's label store, with the labels of a file that the settings name. */
  JdbcLabels openLabels() {
    JdbcLabels labels =
        JdbcLabels.open(RunLabels.settings(config.config(), directory), clock, new SecureRandom());
    String file = config.config().getString(LABELS);
    try {
      // Simulated labelers live in this process: their leases are of one that has died.
      labels.releaseAll(VendorPlan.NAME);
      if (!file.isEmpty()) {
        importLabels(labels, file);
      }
    } catch (RuntimeException e) {
      labels.close();
      throw e;
    }
    return labels;
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

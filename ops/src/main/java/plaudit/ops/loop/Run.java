package plaudit.ops.loop;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.PrintWriter;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Join;
import plaudit.gateway.Gateway;
import plaudit.gateway.GatewayMeters;
import plaudit.gateway.GatewaySettings;
import plaudit.gateway.store.JdbcLabels;
import plaudit.gateway.store.Labeler;
import plaudit.gateway.store.StoreSettings;
import plaudit.ops.Telemetry;
import plaudit.ops.config.RunConfig;
import plaudit.ops.run.MetricsLog;
import plaudit.ops.run.ProgressLine;
import plaudit.ops.run.RunDirectory;
import plaudit.policy.PolicyCheckpoint;
import plaudit.policy.PolicyLearner.Ended;
import plaudit.policy.PpoSettings;
import plaudit.reward.RewardSettings;
import plaudit.snapshots.Model;
import plaudit.snapshots.Snapshot;
import plaudit.snapshots.SnapshotFiles;

/**
 * One run in one JVM: a self-joined one-node cluster with all roles, the gateway's door, and, if
 * the configuration says so, a simulated vendor outside of it. Ends by itself, at its time limit,
 * when interrupted or when a labeler pulls the cord, each time with a checkpoint.
 */
public final class Run {

  private static final Duration LOOK_EVERY = Duration.ofMillis(250);
  private static final int GRACE_SECONDS = 60;
  private static final Labeler OPERATOR = new Labeler("operator", "operator");

  private final RunConfig config;
  private final RunDirectory directory;
  private final RunInputs inputs;
  private final ProgressLine terminal;
  private final PrintWriter words;
  private final InstantSource clock = InstantSource.system();
  private final BooleanSupplier interrupted;

  /**
   * A run that has not started.
   *
   * @param directory new, or that of an earlier part of the run
   * @param interrupted whether somebody asked for the end
   */
  public Run(
      RunConfig config,
      RunDirectory directory,
      RunInputs inputs,
      ProgressLine terminal,
      PrintWriter words,
      BooleanSupplier interrupted) {
    this.config = config;
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
      long version, String reason, boolean complete, boolean alarm, RunFeed feed) {}

  /** Runs the loops to their end. */
  public Outcome run() throws InterruptedException {
    Config settings = config.config();
    GatewaySettings door = GatewaySettings.from(settings);
    VendorPlan vendor = VendorPlan.from(settings);
    String key = VendorPlan.newKey();
    if (vendor.enabled()) {
      door = door.withVendor(VendorPlan.NAME, key);
    }
    try (Telemetry telemetry = Telemetry.start(settings);
        MetricsLog log =
            MetricsLog.open(
                directory.metrics(), settings.getInt("plaudit.run.metrics-lines-per-sync"));
        JdbcLabels labels = JdbcLabels.open(store(door.store()), clock, new SecureRandom())) {
      // Whoever starts a run again wants it to run, whatever stopped it before.
      if (labels.stopReason().isPresent()) {
        labels.resumeLine(OPERATOR, "the run was resumed");
      }
      PpoSettings ppo = PpoSettings.from(settings);
      RunFeed feed =
          new RunFeed(
              config.name(),
              inputs,
              ppo,
              RewardSettings.from(settings).labels().total(),
              log,
              telemetry.registry(),
              labels.status().preferences(),
              MetricsLog.read(directory.metrics()),
              clock);
      SnapshotFiles files = SnapshotFiles.in(directory.snapshots());
      Optional<PolicyCheckpoint> checkpoint = PolicyCheckpoint.newest(directory.checkpoints());
      RunParts parts =
          RunParts.of(
              settings,
              inputs,
              files,
              directory.checkpoints(),
              labels,
              telemetry.registry(),
              feed,
              recovered(inputs, files, checkpoint),
              checkpoint);
      return loops(parts, door, vendor, key, feed, labels);
    }
  }

  private Outcome loops(
      RunParts parts,
      GatewaySettings door,
      VendorPlan vendor,
      String key,
      RunFeed feed,
      JdbcLabels labels)
      throws InterruptedException {
    CompletableFuture<Ended> end = new CompletableFuture<>();
    ActorSystem<Guardian.Command> system =
        ActorSystem.create(Guardian.create(parts, end), "plaudit", pekko(config.config()));
    try {
      Cluster cluster = Cluster.get(system);
      cluster.manager().tell(Join.create(cluster.selfMember().address()));
      Gateway gateway = open(system, door, labels, feed, parts.meters());
      words.printf("Label at      %s/%nWatch at      %s/console%n", gateway.url(), gateway.url());
      words.flush();
      Outcome outcome;
      try (VendorPlan.Working working = vendor.start(gateway.url(), key)) {
        outcome = watch(system, end, feed, labels, working);
      }
      gateway.drain().toCompletableFuture().join();
      return outcome;
    } finally {
      system.terminate();
      try {
        system.getWhenTerminated().toCompletableFuture().get(GRACE_SECONDS, TimeUnit.SECONDS);
      } catch (ExecutionException | TimeoutException e) {
        system.log().warn("the actor system did not end in time", e);
      }
    }
  }

  private Outcome watch(
      ActorSystem<Guardian.Command> system,
      CompletableFuture<Ended> end,
      RunFeed feed,
      JdbcLabels labels,
      VendorPlan.Working vendor)
      throws InterruptedException {
    Duration limit = config.config().getDuration("plaudit.run.time-limit");
    Instant start = clock.instant();
    String reason = "";
    while (true) {
      try {
        Ended ended = end.get(LOOK_EVERY.toMillis(), TimeUnit.MILLISECONDS);
        String why = ended.alarm().isEmpty() ? reason : ended.alarm();
        boolean complete = ended.version() >= PpoSettings.from(config.config()).updates();
        return new Outcome(
            ended.version(), complete ? "" : why, complete, !ended.alarm().isEmpty(), feed);
      } catch (TimeoutException e) {
        terminal.show(feed.progress());
        vendor.throwFailure();
        String stop = stopReason(limit, Duration.between(start, clock.instant()), labels);
        if (reason.isEmpty() && !stop.isEmpty()) {
          reason = stop;
          feed.phase("stopping: " + stop);
          terminal.say("Stopping after this update: " + stop);
          system.tell(Guardian.Stop.INSTANCE);
        }
      } catch (ExecutionException e) {
        Throwable cause = e.getCause() == null ? e : e.getCause();
        throw new IllegalStateException(String.valueOf(cause.getMessage()), cause);
      }
    }
  }

  private String stopReason(Duration limit, Duration passed, JdbcLabels labels) {
    if (interrupted.getAsBoolean()) {
      return "interrupted";
    }
    if (!limit.isZero() && passed.compareTo(limit) > 0) {
      return "time limit of " + limit.toMinutes() + " minutes";
    }
    return labels.stopReason().map(why -> "a labeler stopped the line: " + why).orElse("");
  }

  /** An H2 file lives in the run's directory; any other database is the user's. */
  private StoreSettings store(StoreSettings settings) {
    return settings.url().startsWith("jdbc:h2:") ? settings.withFile(directory.labels()) : settings;
  }

  private static Gateway open(
      ActorSystem<?> system,
      GatewaySettings door,
      JdbcLabels labels,
      RunFeed feed,
      MeterRegistry meters) {
    try {
      return Gateway.start(system, door, labels, feed, new GatewayMeters(meters))
          .toCompletableFuture()
          .join();
    } catch (java.util.concurrent.CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw e;
    }
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

  private static Config pekko(Config settings) {
    return ConfigFactory.parseResources("plaudit/ops/pekko.conf")
        .withFallback(settings)
        .withFallback(ConfigFactory.defaultReference())
        .resolve();
  }
}

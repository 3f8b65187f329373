package plaudit.lab.bench;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.pekko.actor.NoSerializationVerificationNeeded;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.jspecify.annotations.Nullable;
import plaudit.experience.ExperienceMeters;
import plaudit.experience.ExperienceSettings;
import plaudit.experience.Pace;
import plaudit.experience.PromptStreams;
import plaudit.experience.Start;
import plaudit.experience.actor.ExperienceBuffer;
import plaudit.experience.actor.ExperienceProtocol;
import plaudit.experience.actor.ExperienceProtocol.KeepPace;
import plaudit.lab.plan.Fleet;
import plaudit.lab.plan.Rates;
import plaudit.policy.PolicyMeters;
import plaudit.policy.actor.PolicyLearner;
import plaudit.policy.actor.PolicyLearner.Ended;
import plaudit.snapshots.Lineage.PublishReply;
import plaudit.snapshots.Model;
import plaudit.snapshots.actor.SnapshotProtocol;
import plaudit.snapshots.actor.SnapshotProtocol.Publish;
import plaudit.snapshots.actor.SnapshotRegistry;
import plaudit.training.TrainingObserver;

/**
 * The learner's node of a fleet: the real buffer, registry and policy learner, whose engine only
 * takes its time. Ends when the recorder has enough, and its workers end with it.
 */
final class BenchCluster extends AbstractBehavior<BenchCluster.Command> {

  sealed interface Command extends NoSerializationVerificationNeeded {}

  private enum Enough implements Command {
    INSTANCE
  }

  private static final Duration LEASE = Duration.ofMinutes(5);

  private final ThroughputRecorder recorder;
  private final Timings timings;
  private final BusyTime busy = new BusyTime();
  private final CompletableFuture<ControlPlaneResult> end;
  private final long begin = System.nanoTime();

  /** Starts the samplers and scorers, on whichever node. */
  interface Workers {
    void start(
        ActorRef<ExperienceProtocol.Command> buffer, ActorRef<SnapshotProtocol.Command> registry);
  }

  static Behavior<Command> create(
      Fleet fleet,
      Rates rates,
      ThroughputRecorder.Limits limits,
      long seed,
      Workers workers,
      Timings timings,
      @Nullable FleetWeights weights,
      CompletableFuture<ControlPlaneResult> end) {
    return Behaviors.setup(
        ctx -> new BenchCluster(ctx, fleet, rates, limits, seed, workers, timings, weights, end));
  }

  private BenchCluster(
      ActorContext<Command> ctx,
      Fleet fleet,
      Rates rates,
      ThroughputRecorder.Limits limits,
      long seed,
      Workers workers,
      Timings timings,
      @Nullable FleetWeights weights,
      CompletableFuture<ControlPlaneResult> end) {
    super(ctx);
    this.recorder = new ThroughputRecorder(limits);
    this.timings = timings;
    this.end = end;
    ActorRef<SnapshotProtocol.Command> registry =
        ctx.spawn(
            SnapshotRegistry.create(
                Map.of(),
                InstantSource.system(),
                (model, version, by, after) -> {
                  if (weights != null) {
                    weights.applied(after.toNanos() / 1e9);
                  }
                }),
            "snapshots");
    ActorRef<ExperienceProtocol.Command> buffer =
        ctx.spawn(
            busy.watch(
                ExperienceProtocol.Command.class,
                ExperienceBuffer.create(
                    settings(fleet),
                    PromptStreams.of(Payload.queries(), seed),
                    registry,
                    InstantSource.system(),
                    new ExperienceMeters(new SimpleMeterRegistry()))),
            "experience");
    registry.tell(
        new Publish(
            Payload.snapshot(Model.REWARD, 0), ctx.getSystem().<PublishReply>ignoreRef().narrow()));
    buffer.tell(new KeepPace(Pace.FREE));
    Duration update = Duration.ofNanos(Math.round(1e9 * rates.update(fleet)));
    ActorRef<Command> self = ctx.getSelf();
    ctx.spawn(
        PolicyLearner.create(
            DelayUpdateEngine.settings(fleet.batch()),
            () ->
                new DelayUpdateEngine(
                    update, recorder, timings, () -> self.tell(Enough.INSTANCE), weights),
            false,
            Path.of("no checkpoints"),
            buffer,
            registry,
            new PolicyMeters(new SimpleMeterRegistry()),
            TrainingObserver.NONE,
            ctx.getSystem().<Ended>ignoreRef().narrow()),
        "policy-learner");
    workers.start(buffer, registry);
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder().onMessageEquals(Enough.INSTANCE, this::onEnough).build();
  }

  private Behavior<Command> onEnough() {
    double life = (System.nanoTime() - begin) / 1e9;
    end.complete(
        new ControlPlaneResult(
            recorder.throughput(),
            recorder.staleness(),
            recorder.oldest(),
            recorder.measured(),
            recorder.seconds(),
            timings.rates(),
            busy.messages() / life,
            busy.seconds() / life));
    return Behaviors.stopped();
  }

  private static ExperienceSettings settings(Fleet fleet) {
    return new ExperienceSettings(
            fleet.batch(),
            fleet.eta(),
            fleet.maxStaleness(),
            fleet.grant(),
            1,
            2,
            LEASE,
            0,
            Start.FRESH)
        .holdingBy(fleet.onStale());
  }
}

package plaudit.policy.actor;

import io.micrometer.core.instrument.Timer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.pekko.actor.NoSerializationVerificationNeeded;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.jspecify.annotations.Nullable;
import plaudit.compute.ComputeThread;
import plaudit.experience.Batch;
import plaudit.experience.actor.ExperienceProtocol;
import plaudit.experience.actor.ExperienceProtocol.Checkpointed;
import plaudit.experience.actor.ExperienceProtocol.TakeBatch;
import plaudit.policy.PolicyLearnerState;
import plaudit.policy.PolicyLearnerState.Due;
import plaudit.policy.PolicyMeters;
import plaudit.policy.PolicyMeters.Phase;
import plaudit.policy.PolicySettings;
import plaudit.policy.Tripwires.Verdict;
import plaudit.policy.UpdateEngine;
import plaudit.policy.UpdateReport;
import plaudit.policy.actor.PolicyLearner.Command;
import plaudit.snapshots.Lineage.PublishReply;
import plaudit.snapshots.Snapshot;
import plaudit.snapshots.actor.SnapshotProtocol;
import plaudit.training.TrainingObserver;

/**
 * Takes batches, learns, publishes: the fast loop's learner. The {@link UpdateEngine} computes on a
 * thread of its own; {@link PolicyLearnerState} says what the actor does next, whether it waits for
 * the thread, for the registry or for the buffer.
 *
 * <p>Questions to registry and buffer are repeated until they are answered. The last checkpoint is
 * written before the run ends, but not after a tripwire, since those weights are not worth keeping.
 * For the same reason a checkpoint that is due waits while an update is out of bounds: a tripped
 * run leaves its last good one.
 *
 * <p>A run that is killed while a version is held back goes on from the checkpoint before, and
 * makes the version again from the same batch. A {@link Stop} ends a run that is held with a
 * checkpoint of the newest weights, which are then the first that are published when the run goes
 * on.
 */
public final class PolicyLearner extends AbstractBehavior<Command> {

  /** Anything the learner understands. */
  public sealed interface Command extends NoSerializationVerificationNeeded {}

  /** Ends the run after the update in progress; {@code replyTo} gets {@link Ended}. */
  public record Stop(ActorRef<Ended> replyTo) implements Command {}

  /** A labeler has stopped the run: nothing is published and no batch begun until {@link GoOn}. */
  public enum Hold implements Command {
    INSTANCE
  }

  /** The run goes on where {@link Hold} has found it. */
  public enum GoOn implements Command {
    INSTANCE
  }

  /**
   * Validation questions, which set the policy against the reference, were answered; the tripwires
   * judge the win rate with the next update.
   *
   * @param share of the newest answers that prefer the policy, 0 to 1, at most: the upper end of
   *     its 95 % interval, so that few answers stop nothing
   */
  public record ValidationWinRate(double share) implements Command {}

  /**
   * The learner made its last checkpoint.
   *
   * @param version updates made
   * @param alarm why a tripwire stopped the run, empty otherwise
   */
  public record Ended(long version, String alarm) implements NoSerializationVerificationNeeded {}

  private record Started(@Nullable Snapshot first, @Nullable Throwable failure)
      implements Command {}

  private record Taken(Batch batch) implements Command {}

  private record Learnt(@Nullable Snapshot snapshot, @Nullable Throwable failure)
      implements Command {}

  private record Published(PublishReply reply) implements Command {}

  private record Kept(@Nullable Throwable failure) implements Command {}

  private record Saved(@Nullable Throwable failure) implements Command {}

  private enum AskAgain implements Command {
    INSTANCE
  }

  private static final Duration ASK_AGAIN = Duration.ofSeconds(2);
  private static final int KEPT_SNAPSHOTS = 4;

  private final PolicySettings settings;
  private final boolean published;
  private final Path checkpoints;
  private final ActorRef<ExperienceProtocol.Command> buffer;
  private final ActorRef<SnapshotProtocol.Command> registry;
  private final PolicyMeters meters;
  private final TrainingObserver observer;
  private final ActorRef<Ended> owner;
  private final ActorRef<Batch> batches;
  private final ActorRef<PublishReply> answers;
  private final ComputeThread thread = new ComputeThread("policy-learner");
  private final PolicyLearnerState state;
  private final Set<ActorRef<Ended>> stopping = new LinkedHashSet<>();
  private OptionalDouble validationWinRate = OptionalDouble.empty();

  /** Made on the compute thread; this actor's to ask from {@link Started} on, while it idles. */
  private @Nullable UpdateEngine engine;

  /**
   * A learner.
   *
   * @param engine made on the compute thread
   * @param published whether the engine's version is in the registry already (a resumed run)
   * @param observer hears of each update on the compute thread
   * @param owner gets {@link Ended} when the learner has ended
   */
  public static Behavior<Command> create(
      PolicySettings settings,
      Supplier<? extends UpdateEngine> engine,
      boolean published,
      Path checkpoints,
      ActorRef<ExperienceProtocol.Command> buffer,
      ActorRef<SnapshotProtocol.Command> registry,
      PolicyMeters meters,
      TrainingObserver observer,
      ActorRef<Ended> owner) {
    return Behaviors.setup(
        ctx -> {
          PolicyLearner learner =
              new PolicyLearner(
                  ctx, settings, published, checkpoints, buffer, registry, meters, observer, owner);
          return Behaviors.withTimers(
              timers -> {
                timers.startTimerWithFixedDelay(AskAgain.INSTANCE, ASK_AGAIN);
                learner.start(engine);
                return learner;
              });
        });
  }

  private PolicyLearner(
      ActorContext<Command> ctx,
      PolicySettings settings,
      boolean published,
      Path checkpoints,
      ActorRef<ExperienceProtocol.Command> buffer,
      ActorRef<SnapshotProtocol.Command> registry,
      PolicyMeters meters,
      TrainingObserver observer,
      ActorRef<Ended> owner) {
    super(ctx);
    this.settings = settings;
    this.state = new PolicyLearnerState(settings.updates(), settings.checkpointEvery());
    this.published = published;
    this.checkpoints = checkpoints;
    this.buffer = buffer;
    this.registry = registry;
    this.meters = meters;
    this.observer = observer;
    this.owner = owner;
    this.batches = ctx.messageAdapter(Batch.class, Taken::new);
    this.answers = ctx.messageAdapter(PublishReply.class, Published::new);
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Started.class, this::onStarted)
        .onMessage(Published.class, this::onPublished)
        .onMessage(Taken.class, this::onTaken)
        .onMessage(Learnt.class, this::onLearnt)
        .onMessage(Kept.class, this::onKept)
        .onMessage(Saved.class, this::onSaved)
        .onMessage(Stop.class, this::onStop)
        .onMessageEquals(Hold.INSTANCE, this::onHold)
        .onMessageEquals(GoOn.INSTANCE, this::onGoOn)
        .onMessage(ValidationWinRate.class, this::onValidationWinRate)
        .onMessageEquals(AskAgain.INSTANCE, this::onAskAgain)
        .onSignal(PostStop.class, signal -> onPostStop())
        .build();
  }

  private void start(Supplier<? extends UpdateEngine> maker) {
    getContext()
        .pipeToSelf(
            thread.run(
                () -> {
                  UpdateEngine made = maker.get();
                  engine = made;
                  return Optional.ofNullable(published ? null : made.publish());
                }),
            (first, failure) -> new Started(first == null ? null : first.orElse(null), failure));
  }

  private Behavior<Command> onStarted(Started message) {
    if (message.failure() != null) {
      throw new IllegalStateException("the policy learner cannot start", message.failure());
    }
    if (published) {
      meters.resumedAt(engine().version());
      buffer.tell(new Checkpointed(engine().version()));
    }
    settings.warnings().forEach(warning -> getContext().getLog().warn(warning));
    return go(state.started(engine().version(), Optional.ofNullable(message.first())));
  }

  private Behavior<Command> go(Due due) {
    state.idle().ifPresent(meters.phase::is);
    switch (due) {
      case TAKE -> askBuffer();
      case ANNOUNCE -> state.unanswered().ifPresent(this::tellRegistry);
      case ANNOUNCE_AND_KEEP -> {
        state.unanswered().ifPresent(this::tellRegistry);
        write(Kept::new);
      }
      case SAVE -> write(Saved::new);
      case NOTHING -> {}
    }
    return this;
  }

  private void tellRegistry(Snapshot snapshot) {
    registry.tell(new SnapshotProtocol.Publish(snapshot, answers));
  }

  private Behavior<Command> onPublished(Published message) {
    return switch (state.answered(message.reply())) {
      case PUBLISHED -> go(state.next());
      case OLD -> this;
      case REFUSED ->
          throw new IllegalStateException(
              "another learner published policy version %d".formatted(message.reply().version()));
    };
  }

  private Behavior<Command> onKept(Kept message) {
    if (message.failure() != null) {
      throw new IllegalStateException("the checkpoint failed", message.failure());
    }
    return go(state.kept());
  }

  private void askBuffer() {
    buffer.tell(new TakeBatch(engine().version(), settings.batch(), batches));
  }

  private Behavior<Command> onTaken(Taken message) {
    if (!state.taken(message.batch().version())) {
      return this;
    }
    OptionalDouble winRate = validationWinRate;
    validationWinRate = OptionalDouble.empty();
    getContext()
        .pipeToSelf(
            thread.run(
                () -> {
                  learn(message.batch(), winRate);
                  return timed(Phase.PUBLISHING, meters.publishing, this::writeWeights);
                }),
            Learnt::new);
    return this;
  }

  /** On the compute thread. */
  private void learn(Batch batch, OptionalDouble winRate) {
    UpdateReport report =
        timed(Phase.LEARNING, meters.learning, () -> engine().learn(batch.trajectories(), winRate));
    meters.report(report);
    observer.onUpdate(report, batch.trajectories());
  }

  /** On the compute thread. */
  private Snapshot writeWeights() {
    Snapshot snapshot = engine().publish();
    engine().prune(KEPT_SNAPSHOTS);
    return snapshot;
  }

  private <T> T timed(Phase phase, Timer timer, Supplier<T> work) {
    meters.phase.is(phase);
    long start = System.nanoTime();
    T done = work.get();
    timer.record(System.nanoTime() - start, TimeUnit.NANOSECONDS);
    return done;
  }

  /** On the compute thread. */
  private void checkpoint() {
    meters.phase.is(Phase.CHECKPOINTING);
    engine().checkpoint(checkpoints);
    buffer.tell(new Checkpointed(engine().version()));
  }

  private Behavior<Command> onLearnt(Learnt message) {
    if (message.snapshot() == null) {
      throw new IllegalStateException("the update failed", message.failure());
    }
    meters.judged(engine().verdict());
    if (engine().verdict() instanceof Verdict.Stop stop) {
      getContext().getLog().error("the run stops: [{}]", stop.reason());
      return ended(stop.reason());
    }
    boolean worthKeeping = engine().verdict() instanceof Verdict.GoOn;
    return go(state.learnt(message.snapshot(), worthKeeping));
  }

  private Behavior<Command> onStop(Stop message) {
    stopping.add(message.replyTo());
    return go(state.stop());
  }

  private Behavior<Command> onHold() {
    state.hold();
    return go(Due.NOTHING);
  }

  private Behavior<Command> onGoOn() {
    return go(state.goOn());
  }

  private void write(Function<@Nullable Throwable, Command> done) {
    getContext()
        .pipeToSelf(
            thread.run(
                () -> {
                  checkpoint();
                  return Boolean.TRUE;
                }),
            (written, failure) -> done.apply(failure));
  }

  private Behavior<Command> onSaved(Saved message) {
    if (message.failure() != null) {
      throw new IllegalStateException("the checkpoint failed", message.failure());
    }
    return ended("");
  }

  private Behavior<Command> ended(String alarm) {
    Ended ended = new Ended(engine().version(), alarm);
    owner.tell(ended);
    stopping.forEach(asker -> asker.tell(ended));
    return Behaviors.stopped();
  }

  private Behavior<Command> onValidationWinRate(ValidationWinRate message) {
    validationWinRate = OptionalDouble.of(message.share());
    return this;
  }

  private Behavior<Command> onAskAgain() {
    // What is published too: should another learner have gone on from it, this one must stop.
    state.sayAgain().ifPresent(this::tellRegistry);
    if (state.asksAgain()) {
      askBuffer();
    }
    return this;
  }

  private Behavior<Command> onPostStop() {
    thread.closeAfter(
        () -> {
          if (engine != null) {
            engine.close();
          }
        });
    return this;
  }

  private UpdateEngine engine() {
    return Objects.requireNonNull(engine, "made before the first message");
  }
}

package plaudit.policy.actor;

import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.pekko.actor.NoSerializationVerificationNeeded;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.jspecify.annotations.Nullable;
import plaudit.compute.ComputeThread;
import plaudit.experience.Batch;
import plaudit.experience.actor.ExperienceProtocol;
import plaudit.experience.actor.ExperienceProtocol.Checkpointed;
import plaudit.experience.actor.ExperienceProtocol.TakeBatch;
import plaudit.policy.PolicyMeters;
import plaudit.policy.PolicyMeters.Phase;
import plaudit.policy.PolicySettings;
import plaudit.policy.PolicyTrainer;
import plaudit.policy.Tripwires.Verdict;
import plaudit.policy.UpdateReport;
import plaudit.policy.actor.PolicyLearner.Command;
import plaudit.snapshots.Lineage.PublishReply;
import plaudit.snapshots.Model;
import plaudit.snapshots.Publication;
import plaudit.snapshots.Snapshot;
import plaudit.snapshots.SnapshotFiles;
import plaudit.snapshots.actor.SnapshotProtocol;
import plaudit.training.TrainingObserver;

/**
 * Takes batches, learns, publishes: the fast loop's learner. It computes on a thread of its own and
 * waits for a batch or for the registry in between. It ends by itself after the last update, when a
 * tripwire stops the run, or when it is told to; with a checkpoint, but for the tripwire, whose
 * weights are not worth keeping. For the same reason a checkpoint that is due waits while an update
 * is out of bounds: what a tripped run leaves is its last good one.
 */
public final class PolicyLearner extends AbstractBehavior<Command> {

  /** Anything the learner understands. */
  public sealed interface Command extends NoSerializationVerificationNeeded {}

  /** Ends the run after the update in progress; {@code replyTo} hears of the checkpoint. */
  public record Stop(ActorRef<Ended> replyTo) implements Command {}

  /**
   * People answered validation questions, which set the policy against the reference; the tripwires
   * judge it with the next update.
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

  private record Learnt(
      @Nullable UpdateReport report, @Nullable Snapshot snapshot, @Nullable Throwable failure)
      implements Command {}

  private record Published(PublishReply reply) implements Command {}

  private record Saved(@Nullable Throwable failure) implements Command {}

  private enum AskAgain implements Command {
    INSTANCE
  }

  private static final int KEPT_SNAPSHOTS = 4;

  private final PolicySettings settings;
  private final boolean published;
  private final Path checkpoints;
  private final SnapshotFiles files;
  private final ActorRef<ExperienceProtocol.Command> buffer;
  private final ActorRef<SnapshotProtocol.Command> registry;
  private final PolicyMeters meters;
  private final TrainingObserver observer;
  private final ActorRef<Ended> owner;
  private final ComputeThread thread = new ComputeThread("policy-learner");
  private final ActorRef<Batch> batches;
  private final ActorRef<PublishReply> answers;
  private final Publication publication = new Publication();

  private @Nullable PolicyTrainer trainer;

  /** Whether one waits for an update that is worth keeping; belongs to the compute thread. */
  private boolean checkpointDue;

  private final Set<ActorRef<Ended>> stopping = new LinkedHashSet<>();
  private OptionalDouble validationWinRate = OptionalDouble.empty();
  private boolean computing;
  private boolean waiting;

  /**
   * A learner.
   *
   * @param trainer made on the compute thread
   * @param published whether the trainer's version is in the registry already (a resumed run)
   * @param observer hears of each update on the compute thread
   * @param owner hears when the learner has ended by itself
   */
  public static Behavior<Command> create(
      PolicySettings settings,
      Supplier<PolicyTrainer> trainer,
      boolean published,
      Path checkpoints,
      SnapshotFiles files,
      ActorRef<ExperienceProtocol.Command> buffer,
      ActorRef<SnapshotProtocol.Command> registry,
      PolicyMeters meters,
      TrainingObserver observer,
      ActorRef<Ended> owner) {
    return Behaviors.setup(
        ctx ->
            Behaviors.withTimers(
                timers ->
                    new PolicyLearner(
                        ctx,
                        timers,
                        settings,
                        trainer,
                        published,
                        checkpoints,
                        files,
                        buffer,
                        registry,
                        meters,
                        observer,
                        owner)));
  }

  private PolicyLearner(
      ActorContext<Command> ctx,
      TimerScheduler<Command> timers,
      PolicySettings settings,
      Supplier<PolicyTrainer> trainer,
      boolean published,
      Path checkpoints,
      SnapshotFiles files,
      ActorRef<ExperienceProtocol.Command> buffer,
      ActorRef<SnapshotProtocol.Command> registry,
      PolicyMeters meters,
      TrainingObserver observer,
      ActorRef<Ended> owner) {
    super(ctx);
    this.settings = settings;
    this.published = published;
    this.checkpoints = checkpoints;
    this.files = files;
    this.buffer = buffer;
    this.registry = registry;
    this.meters = meters;
    this.observer = observer;
    this.owner = owner;
    this.batches = ctx.messageAdapter(Batch.class, Taken::new);
    this.answers = ctx.messageAdapter(PublishReply.class, Published::new);
    timers.startTimerWithFixedDelay(AskAgain.INSTANCE, Duration.ofSeconds(2));
    this.computing = true;
    ctx.pipeToSelf(
        thread.run(
            () -> {
              PolicyTrainer made = trainer.get();
              this.trainer = made;
              return java.util.Optional.ofNullable(published ? null : made.publish());
            }),
        (first, failure) -> new Started(first == null ? null : first.orElse(null), failure));
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Stop.class, this::onStop)
        .onMessage(ValidationWinRate.class, this::onValidationWinRate)
        .onMessage(Started.class, this::onStarted)
        .onMessage(Taken.class, this::onTaken)
        .onMessage(Learnt.class, this::onLearnt)
        .onMessage(Published.class, this::onPublished)
        .onMessage(Saved.class, this::onSaved)
        .onMessageEquals(AskAgain.INSTANCE, this::onAskAgain)
        .onSignal(PostStop.class, signal -> onPostStop())
        .build();
  }

  private Behavior<Command> onStop(Stop message) {
    stopping.add(message.replyTo());
    return computing ? this : save();
  }

  private Behavior<Command> onValidationWinRate(ValidationWinRate message) {
    validationWinRate = OptionalDouble.of(message.share());
    return this;
  }

  private Behavior<Command> onStarted(Started message) {
    computing = false;
    if (message.failure() != null) {
      throw new IllegalStateException("the policy learner cannot start", message.failure());
    }
    if (published && trainer != null) {
      meters.resumedAt(trainer.state().version());
      buffer.tell(new Checkpointed(trainer.state().version()));
    }
    settings.warnings().forEach(warning -> getContext().getLog().warn(warning));
    return message.first() == null ? next() : publish(message.first());
  }

  private Behavior<Command> onTaken(Taken message) {
    if (computing || trainer == null || message.batch().version() != trainer.state().version()) {
      return this; // the answer to a question that was asked twice
    }
    waiting = false;
    computing = true;
    PolicyTrainer learning = trainer;
    OptionalDouble news = validationWinRate;
    validationWinRate = OptionalDouble.empty();
    Snapshot[] made = new Snapshot[1];
    getContext()
        .pipeToSelf(
            thread.run(
                () -> {
                  UpdateReport report = learn(learning, message.batch(), news);
                  made[0] = snapshot(learning);
                  return report;
                }),
            (report, failure) -> new Learnt(report, made[0], failure));
    return this;
  }

  private UpdateReport learn(PolicyTrainer learning, Batch batch, OptionalDouble news) {
    meters.phase.is(Phase.LEARNING);
    long start = System.nanoTime();
    UpdateReport report = learning.learn(batch.trajectories(), news);
    meters.learning.record(System.nanoTime() - start, TimeUnit.NANOSECONDS);
    meters.report(report);
    observer.onUpdate(report, batch.trajectories());
    checkpointDue |= report.version() % settings.checkpointEvery() == 0;
    if (checkpointDue && learning.state().verdict() instanceof Verdict.GoOn) {
      checkpoint(learning);
      checkpointDue = false;
    }
    return report;
  }

  private Snapshot snapshot(PolicyTrainer learning) {
    meters.phase.is(Phase.PUBLISHING);
    long start = System.nanoTime();
    Snapshot snapshot = learning.publish();
    files.prune(Model.POLICY, KEPT_SNAPSHOTS);
    meters.publishing.record(System.nanoTime() - start, TimeUnit.NANOSECONDS);
    return snapshot;
  }

  private Behavior<Command> onLearnt(Learnt message) {
    computing = false;
    if (message.failure() != null || message.snapshot() == null || trainer == null) {
      throw new IllegalStateException("the update failed", message.failure());
    }
    if (trainer.state().verdict() instanceof Verdict.Stop stop) {
      getContext().getLog().error("the run stops: [{}]", stop.reason());
      return ended(stop.reason());
    }
    return publish(message.snapshot());
  }

  private Behavior<Command> onPublished(Published message) {
    return switch (publication.answered(message.reply())) {
      case PUBLISHED -> next();
      case OLD -> this;
      case REFUSED ->
          throw new IllegalStateException(
              "another learner published policy version %d".formatted(message.reply().version()));
    };
  }

  private Behavior<Command> onSaved(Saved message) {
    if (message.failure() != null) {
      throw new IllegalStateException("the checkpoint failed", message.failure());
    }
    return ended("");
  }

  private Behavior<Command> onAskAgain() {
    if (computing) {
      return this;
    }
    // What is published too: should another learner have gone on from it, this one has to hear.
    publication.newest().ifPresent(this::say);
    if (waiting) {
      ask();
    }
    return this;
  }

  private Behavior<Command> onPostStop() {
    thread.closeAfter(
        () -> {
          if (trainer != null) {
            trainer.close();
          }
        });
    return this;
  }

  private Behavior<Command> publish(Snapshot snapshot) {
    meters.phase.is(Phase.PUBLISHING);
    publication.begin(snapshot);
    say(snapshot);
    return this;
  }

  private void say(Snapshot snapshot) {
    registry.tell(new SnapshotProtocol.Publish(snapshot, answers));
  }

  private Behavior<Command> next() {
    if (trainer == null || computing) {
      return this;
    }
    if (!stopping.isEmpty() || trainer.state().version() >= settings.updates()) {
      return save();
    }
    waiting = true;
    meters.phase.is(Phase.WAITING_FOR_A_BATCH);
    ask();
    return this;
  }

  private void ask() {
    if (trainer != null) {
      buffer.tell(new TakeBatch(trainer.state().version(), settings.batch(), batches));
    }
  }

  private Behavior<Command> save() {
    waiting = false;
    computing = true;
    PolicyTrainer saved = trainer;
    getContext()
        .pipeToSelf(
            thread.run(
                () -> {
                  if (saved != null) {
                    checkpoint(saved);
                  }
                  return Boolean.TRUE;
                }),
            (done, failure) -> new Saved(failure));
    return this;
  }

  private void checkpoint(PolicyTrainer saved) {
    meters.phase.is(Phase.CHECKPOINTING);
    saved.checkpoint(checkpoints);
    buffer.tell(new Checkpointed(saved.state().version()));
  }

  private Behavior<Command> ended(String alarm) {
    long version = trainer == null ? 0 : trainer.state().version();
    Ended ended = new Ended(version, alarm);
    owner.tell(ended);
    stopping.forEach(asker -> asker.tell(ended));
    return Behaviors.stopped();
  }
}

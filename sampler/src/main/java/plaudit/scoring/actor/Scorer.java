package plaudit.scoring.actor;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.pekko.actor.NoSerializationVerificationNeeded;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.PreRestart;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.receptionist.Receptionist;
import org.jspecify.annotations.Nullable;
import plaudit.compute.ComputeThread;
import plaudit.experience.Trajectory;
import plaudit.experience.actor.ExperienceProtocol;
import plaudit.labels.actor.LabelStore;
import plaudit.scoring.Questions;
import plaudit.scoring.ScorerMeters;
import plaudit.scoring.ScorerMeters.Phase;
import plaudit.scoring.ScorerSettings;
import plaudit.scoring.Scoring;
import plaudit.scoring.actor.Handover.Offered;
import plaudit.scoring.actor.Handover.Reported;
import plaudit.scoring.actor.Handover.Stored;
import plaudit.scoring.actor.ScoringProtocol.Busy;
import plaudit.scoring.actor.ScoringProtocol.Command;
import plaudit.scoring.actor.ScoringProtocol.Score;
import plaudit.scoring.actor.ScoringProtocol.Scored;
import plaudit.snapshots.Model;
import plaudit.snapshots.Snapshot;
import plaudit.snapshots.SnapshotFiles;
import plaudit.snapshots.actor.SnapshotProtocol;

/**
 * Scores batches and sees them to their place ({@link Handover}): trajectories to the experience
 * buffer, questions to the label store. One batch at a time, on a thread of its own; a bounded
 * queue; the sampler hears {@link Scored} when the place has answered. Follows the reward model,
 * switches between batches.
 */
public final class Scorer extends AbstractBehavior<Command> {

  private interface Private extends Command, NoSerializationVerificationNeeded {}

  private record Published(Snapshot snapshot) implements Private {}

  private record Retry(Snapshot snapshot) implements Private {}

  private enum FollowAgain implements Private {
    INSTANCE
  }

  private record Loaded(Snapshot snapshot, @Nullable Throwable failure) implements Private {}

  private record Judged(Score batch, List<Trajectory> trajectories, @Nullable Throwable failure)
      implements Private {}

  private final ScorerSettings settings;
  private final Questions questions;
  private final SnapshotFiles files;
  private final ActorRef<SnapshotProtocol.Command> registry;
  private final ActorRef<Snapshot> published;
  private final Handover handover;
  private final ScorerMeters meters;
  private final ComputeThread thread = new ComputeThread("scorer");
  private final Scoring scoring;
  private final Deque<Score> queue = new ArrayDeque<>();
  private final Set<Long> known = new HashSet<>();

  private @Nullable Snapshot newest;
  private @Nullable Snapshot loaded;
  private boolean computing;

  /**
   * A scorer, found under {@link ScoringProtocol#KEY}.
   *
   * @param scoring called on the scorer's compute thread only; closed with the scorer
   */
  public static Behavior<Command> create(
      ScorerSettings settings,
      Questions questions,
      Supplier<Scoring> scoring,
      SnapshotFiles files,
      ActorRef<ExperienceProtocol.Command> buffer,
      ActorRef<LabelStore.Command> labels,
      ActorRef<SnapshotProtocol.Command> registry,
      ScorerMeters meters) {
    return Behaviors.setup(
        ctx ->
            Behaviors.withTimers(
                timers -> {
                  timers.startTimerWithFixedDelay(FollowAgain.INSTANCE, settings.retry());
                  return new Scorer(
                      ctx,
                      settings,
                      questions,
                      scoring.get(),
                      files,
                      buffer,
                      labels,
                      registry,
                      meters);
                }));
  }

  private Scorer(
      ActorContext<Command> ctx,
      ScorerSettings settings,
      Questions questions,
      Scoring scoring,
      SnapshotFiles files,
      ActorRef<ExperienceProtocol.Command> buffer,
      ActorRef<LabelStore.Command> labels,
      ActorRef<SnapshotProtocol.Command> registry,
      ScorerMeters meters) {
    super(ctx);
    this.settings = settings;
    this.questions = questions;
    this.scoring = scoring;
    this.files = files;
    this.handover = new Handover(ctx, settings, buffer, labels, meters);
    this.meters = meters;
    this.registry = registry;
    this.published = ctx.messageAdapter(Snapshot.class, Published::new);
    follow();
    ctx.getSystem().receptionist().tell(Receptionist.register(ScoringProtocol.KEY, ctx.getSelf()));
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Score.class, this::onScore)
        .onMessage(Published.class, this::onPublished)
        .onMessage(Retry.class, this::onRetry)
        .onMessage(FollowAgain.class, again -> onFollowAgain())
        .onMessage(Loaded.class, this::onLoaded)
        .onMessage(Judged.class, this::onJudged)
        .onMessage(Offered.class, this::onOffered)
        .onMessage(Stored.class, this::onStored)
        .onMessage(Reported.class, this::onReported)
        .onSignal(PreRestart.class, signal -> onPostStop())
        .onSignal(PostStop.class, signal -> onPostStop())
        .build();
  }

  private Behavior<Command> onScore(Score batch) {
    if (known.contains(batch.batchId())) {
      return this; // sent again while it is here: its answer will come
    }
    if (queue.size() >= settings.queue()) {
      meters.refused.increment();
      batch.replyTo().tell(new Busy(batch.batchId()));
      return this;
    }
    known.add(batch.batchId());
    if (batch.purpose().isForPeople()) {
      handover.ask(batch, questions.of(batch.purpose(), batch.rollouts()));
      return next();
    }
    queue.add(batch);
    meters.queued.set(queue.size());
    return next();
  }

  private Behavior<Command> onPublished(Published message) {
    if (newest == null || message.snapshot().version() > newest.version()) {
      newest = message.snapshot();
    }
    return next();
  }

  private Behavior<Command> onRetry(Retry message) {
    if (newest == null) {
      newest = message.snapshot();
    }
    return next();
  }

  /** The question may have got lost, or the registry with its node. */
  private Behavior<Command> onFollowAgain() {
    follow();
    return this;
  }

  private void follow() {
    registry.tell(new SnapshotProtocol.Follow(Model.REWARD, published));
  }

  private Behavior<Command> onLoaded(Loaded message) {
    computing = false;
    long version = message.snapshot().version();
    if (message.failure() == null) {
      loaded = message.snapshot();
      meters.version.set(version);
      String self = getContext().getSelf().path().toSerializationFormat();
      registry.tell(new SnapshotProtocol.Applied(Model.REWARD, version, self));
    } else {
      getContext().getLog().warn("reward [{}] could not be loaded", version, message.failure());
      if (message.snapshot().equals(newest)) {
        newest = null;
        getContext()
            .scheduleOnce(settings.retry(), getContext().getSelf(), new Retry(message.snapshot()));
      }
    }
    return next();
  }

  private Behavior<Command> onJudged(Judged message) {
    computing = false;
    Score batch = message.batch();
    if (message.failure() != null) {
      getContext()
          .getLog()
          .warn("batch [{}] could not be scored", batch.batchId(), message.failure());
      return done(batch);
    }
    meters.scored.increment(message.trajectories().size());
    message.trajectories().stream()
        .filter(trajectory -> !trajectory.valid())
        .forEach(trajectory -> meters.penalised.increment());
    handover.offer(batch, message.trajectories());
    return next();
  }

  private Behavior<Command> onOffered(Offered message) {
    return handover.onOffered(message) ? done(message.batch()) : this;
  }

  private Behavior<Command> onStored(Stored message) {
    handover.onStored(message);
    return this;
  }

  private Behavior<Command> onReported(Reported message) {
    return handover.onReported(message) ? done(message.batch()) : this;
  }

  private Behavior<Command> onPostStop() {
    thread.closeAfter(scoring::close);
    return this;
  }

  private Behavior<Command> done(Score batch) {
    known.remove(batch.batchId());
    batch.replyTo().tell(new Scored(batch.batchId()));
    return next();
  }

  private Behavior<Command> next() {
    if (computing) {
      return this;
    }
    Snapshot target = newest;
    if (target != null && !target.equals(loaded)) {
      meters.phase.is(Phase.LOADING);
      compute(
          () -> {
            scoring.load(files.fetch(target), target.version());
            return target;
          },
          (loaded, failure) -> new Loaded(target, failure));
    } else if (loaded != null && !queue.isEmpty()) {
      Score batch = queue.remove();
      meters.queued.set(queue.size());
      meters.phase.is(Phase.SCORING);
      compute(
          () -> score(batch),
          (trajectories, failure) ->
              new Judged(batch, trajectories == null ? List.of() : trajectories, failure));
    } else {
      meters.phase.is(known.isEmpty() ? Phase.IDLE : Phase.DELIVERING);
    }
    return this;
  }

  private <T> void compute(
      Supplier<T> work, org.apache.pekko.japi.function.Function2<T, Throwable, Command> result) {
    computing = true;
    getContext().pipeToSelf(thread.run(work), result);
  }

  private List<Trajectory> score(Score batch) {
    long start = System.nanoTime();
    List<Trajectory> trajectories = scoring.score(batch.rollouts());
    meters.scoring.record(System.nanoTime() - start, TimeUnit.NANOSECONDS);
    return trajectories;
  }
}

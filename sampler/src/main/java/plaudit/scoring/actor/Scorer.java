package plaudit.scoring.actor;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.pekko.Done;
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
import org.apache.pekko.actor.typed.receptionist.ServiceKey;
import org.jspecify.annotations.Nullable;
import plaudit.compute.ComputeThread;
import plaudit.experience.OfferReply;
import plaudit.experience.QuestionYield;
import plaudit.experience.Trajectory;
import plaudit.experience.actor.ExperienceProtocol;
import plaudit.experience.actor.ExperienceProtocol.Asked;
import plaudit.experience.actor.ExperienceProtocol.Offer;
import plaudit.labels.Comparison;
import plaudit.labels.actor.LabelStore;
import plaudit.labels.actor.LabelStore.AskReply;
import plaudit.scoring.Questions;
import plaudit.scoring.ScorerMeters;
import plaudit.scoring.ScorerMeters.Phase;
import plaudit.scoring.ScorerSettings;
import plaudit.scoring.ScoringEngine;
import plaudit.scoring.actor.ScoringProtocol.Busy;
import plaudit.scoring.actor.ScoringProtocol.Command;
import plaudit.scoring.actor.ScoringProtocol.Score;
import plaudit.scoring.actor.ScoringProtocol.Scored;
import plaudit.snapshots.Model;
import plaudit.snapshots.Snapshot;
import plaudit.snapshots.VersionTracker;
import plaudit.snapshots.VersionTracker.News;
import plaudit.snapshots.actor.SnapshotProtocol;

/**
 * Scores batches and brings them to their place: trajectories to the experience buffer; questions
 * to the label store, and their number to the buffer, which counts them. A place that does not
 * answer in time is asked again until it does; then the sampler is answered {@link Scored}. One
 * batch at a time is scored, on a thread of its own; the queue is bounded. The scorer follows the
 * reward model by the same rule as samplers follow the policy ({@link VersionTracker}), and
 * switches between batches. It keeps nothing worth saving.
 */
public final class Scorer extends AbstractBehavior<Command> {

  private interface Private extends Command, NoSerializationVerificationNeeded {}

  private record Published(Snapshot snapshot) implements Private {}

  private enum FollowAgain implements Private {
    INSTANCE
  }

  private record Fetched(News news, @Nullable Throwable failure) implements Private {}

  private record Loaded(Snapshot snapshot, @Nullable Throwable failure) implements Private {}

  /** The compute thread is free again; the batch's scores are there or come later. */
  private enum Begun implements Private {
    INSTANCE
  }

  private record Judged(Score batch, List<Trajectory> trajectories, @Nullable Throwable failure)
      implements Private {}

  /** The buffer has answered, or not within {@code patience}. */
  private record Offered(
      Score batch, List<Trajectory> trajectories, Duration patience, boolean answered)
      implements Private {}

  /** The label store has answered; without a reply it did not in time. */
  private record Stored(Score batch, List<Comparison> comparisons, @Nullable AskReply reply)
      implements Private {}

  /** The buffer that was told of questions has answered, or not in time. */
  private record Reported(Score batch, int comparisons, boolean answered) implements Private {}

  /** Between two offers of a batch that is not answered, at most: in waits of the setting. */
  private static final int LONGEST_WAIT = 4;

  private final ScorerSettings settings;
  private final Questions questions;
  private final ScoringEngine engine;
  private final ActorRef<ExperienceProtocol.Command> buffer;
  private final ActorRef<LabelStore.Command> labels;
  private final ActorRef<SnapshotProtocol.Command> registry;
  private final ActorRef<Snapshot> published;
  private final InstantSource clock;
  private final ScorerMeters meters;
  private final ComputeThread thread = new ComputeThread("scorer");
  private final VersionTracker tracker = new VersionTracker();
  private final Deque<Score> queue = new ArrayDeque<>();
  private final Set<Long> known = new HashSet<>();

  private boolean hasReward;
  private boolean computing;

  /** Batches that are being scored; those of a source elsewhere are several. */
  private int scoring;

  /**
   * A scorer.
   *
   * @param engine made for each start of the actor, and closed with it
   * @param key under which samplers find it
   */
  public static Behavior<Command> create(
      ScorerSettings settings,
      Questions questions,
      Supplier<? extends ScoringEngine> engine,
      ServiceKey<Command> key,
      ActorRef<ExperienceProtocol.Command> buffer,
      ActorRef<LabelStore.Command> labels,
      ActorRef<SnapshotProtocol.Command> registry,
      InstantSource clock,
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
                      engine.get(),
                      key,
                      buffer,
                      labels,
                      registry,
                      clock,
                      meters);
                }));
  }

  private Scorer(
      ActorContext<Command> ctx,
      ScorerSettings settings,
      Questions questions,
      ScoringEngine engine,
      ServiceKey<Command> key,
      ActorRef<ExperienceProtocol.Command> buffer,
      ActorRef<LabelStore.Command> labels,
      ActorRef<SnapshotProtocol.Command> registry,
      InstantSource clock,
      ScorerMeters meters) {
    super(ctx);
    this.settings = settings;
    this.questions = questions;
    this.engine = engine;
    this.buffer = buffer;
    this.labels = labels;
    this.registry = registry;
    this.clock = clock;
    this.meters = meters;
    this.published = ctx.messageAdapter(Snapshot.class, Published::new);
    this.hasReward = !engine.needsReward();
    follow();
    ctx.getSystem().receptionist().tell(Receptionist.register(key, ctx.getSelf()));
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Score.class, this::onScore)
        .onMessage(Published.class, this::onPublished)
        .onMessage(FollowAgain.class, again -> onFollowAgain())
        .onMessage(Fetched.class, this::onFetched)
        .onMessage(Loaded.class, this::onLoaded)
        .onMessageEquals(Begun.INSTANCE, this::onBegun)
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
    if (queue.size() + waitingElsewhere() >= settings.queue()) {
      meters.refused.increment();
      batch.replyTo().tell(new Busy(batch.batchId()));
      return this;
    }
    known.add(batch.batchId());
    if (batch.purpose().isForPeople()) {
      ask(batch, questions.of(batch.purpose(), batch.rollouts()));
      return next();
    }
    queue.add(batch);
    meters.queued.set(queue.size());
    return next();
  }

  private Behavior<Command> onPublished(Published message) {
    tracker.heard(message.snapshot(), clock.instant());
    return next();
  }

  /**
   * The question may have got lost, or the registry with its node; and a version that could not be
   * loaded is tried once more.
   */
  private Behavior<Command> onFollowAgain() {
    follow();
    tracker.again();
    return next();
  }

  private void follow() {
    registry.tell(new SnapshotProtocol.Follow(Model.REWARD, published));
  }

  /**
   * A file that did not come is fetched again with the next message: at the latest, the timer's.
   */
  private Behavior<Command> onFetched(Fetched message) {
    computing = false;
    if (message.failure() != null) {
      tracker.notFetched();
      long version = message.news().snapshot().version();
      getContext().getLog().warn("reward [{}] could not be fetched", version, message.failure());
      return this;
    }
    tracker.fetched(message.news());
    return next();
  }

  private Behavior<Command> onLoaded(Loaded message) {
    computing = false;
    long version = message.snapshot().version();
    if (message.failure() == null) {
      tracker.loaded();
      hasReward = true;
      meters.version.set(version);
      String self = getContext().getSelf().path().toSerializationFormat();
      registry.tell(new SnapshotProtocol.Applied(Model.REWARD, version, self));
    } else {
      tracker.unusable();
      getContext().getLog().warn("reward [{}] could not be loaded", version, message.failure());
    }
    return next();
  }

  private Behavior<Command> onBegun() {
    computing = false;
    return next();
  }

  /** Batches that are scored, but not on the compute thread. */
  private int waitingElsewhere() {
    return Math.max(0, scoring - 1);
  }

  private Behavior<Command> onJudged(Judged message) {
    scoring--;
    Score batch = message.batch();
    if (message.failure() != null) {
      meters.lost.increment();
      getContext()
          .getLog()
          .warn("batch [{}] could not be scored", batch.batchId(), message.failure());
      return done(batch);
    }
    meters.scored.increment(message.trajectories().size());
    message.trajectories().stream()
        .filter(trajectory -> !trajectory.valid())
        .forEach(trajectory -> meters.penalised.increment());
    offer(batch, message.trajectories(), settings.retry());
    return next();
  }

  private void offer(Score batch, List<Trajectory> trajectories, Duration patience) {
    getContext()
        .ask(
            OfferReply.class,
            buffer,
            patience,
            ref -> new Offer(batch.batchId(), trajectories, ref),
            (reply, failure) -> new Offered(batch, trajectories, patience, failure == null));
  }

  private Behavior<Command> onOffered(Offered message) {
    if (message.answered()) {
      return done(message.batch());
    }
    // It may be megabytes: on a slow line repetitions would queue up before it.
    Duration longest = settings.retry().multipliedBy(LONGEST_WAIT);
    Duration twice = message.patience().multipliedBy(2);
    Duration patience = twice.compareTo(longest) < 0 ? twice : longest;
    offer(message.batch(), message.trajectories(), patience);
    return this;
  }

  private void ask(Score batch, List<Comparison> comparisons) {
    if (comparisons.isEmpty()) {
      report(batch, 0);
      return;
    }
    getContext()
        .ask(
            AskReply.class,
            labels,
            settings.retry(),
            ref -> new LabelStore.Ask(comparisons, ref),
            (reply, failure) -> new Stored(batch, comparisons, reply));
  }

  /** Comparisons that are stored are reported to the buffer; others are put again. */
  private Behavior<Command> onStored(Stored message) {
    if (message.reply() instanceof AskReply.Stored stored) {
      meters.questions.increment(stored.comparisons());
      // All of them, new or not: an answer may have got lost, or another scorer was faster.
      report(message.batch(), message.comparisons().size());
    } else {
      ask(message.batch(), message.comparisons());
    }
    return this;
  }

  private void report(Score batch, int comparisons) {
    QuestionYield yielded = questions.yielded(batch.rollouts(), comparisons);
    getContext()
        .ask(
            OfferReply.class,
            buffer,
            settings.retry(),
            ref -> new Asked(batch.batchId(), yielded, ref),
            (reply, failure) -> new Reported(batch, comparisons, failure == null));
  }

  private Behavior<Command> onReported(Reported message) {
    if (message.answered()) {
      return done(message.batch());
    }
    report(message.batch(), message.comparisons());
    return this;
  }

  private Behavior<Command> done(Score batch) {
    known.remove(batch.batchId());
    batch.replyTo().tell(new Scored(batch.batchId()));
    return next();
  }

  private Behavior<Command> onPostStop() {
    thread.closeAfter(engine::close);
    return this;
  }

  /** Fetch or load a reward model, else score a batch: whatever is due, one at a time. */
  private Behavior<Command> next() {
    if (computing) {
      return this;
    }
    News fetch = tracker.fetch().orElse(null);
    News load = fetch == null ? tracker.load().orElse(null) : null;
    if (fetch != null) {
      meters.phase.is(Phase.LOADING);
      compute(
          () -> {
            engine.fetch(fetch.snapshot());
            return Done.getInstance();
          },
          (done, failure) -> new Fetched(fetch, failure));
    } else if (load != null) {
      meters.phase.is(Phase.LOADING);
      compute(
          () -> {
            engine.load(load.snapshot());
            return Done.getInstance();
          },
          (done, failure) -> new Loaded(load.snapshot(), failure));
    } else if (hasReward && !queue.isEmpty()) {
      Score batch = queue.remove();
      meters.queued.set(queue.size());
      meters.phase.is(Phase.SCORING);
      score(batch);
    } else if (scoring > 0) {
      meters.phase.is(Phase.AWAITING_SCORES);
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

  /** Begins a batch on the compute thread, and hears of its scores whenever they are there. */
  private void score(Score batch) {
    long start = System.nanoTime();
    CompletableFuture<List<Trajectory>> answer = new CompletableFuture<>();
    scoring++;
    getContext()
        .pipeToSelf(
            answer,
            (trajectories, failure) -> {
              meters.scoring.record(System.nanoTime() - start, TimeUnit.NANOSECONDS);
              return new Judged(batch, trajectories == null ? List.of() : trajectories, failure);
            });
    compute(
        () -> {
          try {
            engine.score(batch.rollouts(), new Answer(answer));
          } catch (RuntimeException e) {
            answer.completeExceptionally(e);
          }
          return Done.getInstance();
        },
        (done, failure) -> Begun.INSTANCE);
  }

  /** Completes a future. */
  private record Answer(CompletableFuture<List<Trajectory>> future)
      implements ScoringEngine.Receiver {

    @Override
    public void scored(List<Trajectory> trajectories) {
      future.complete(trajectories);
    }

    @Override
    public void failed(RuntimeException why) {
      future.completeExceptionally(why);
    }
  }
}

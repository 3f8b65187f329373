package plaudit.reward.actor;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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
import plaudit.experience.Pace;
import plaudit.experience.actor.ExperienceProtocol;
import plaudit.experience.actor.ExperienceProtocol.KeepPace;
import plaudit.labels.Label;
import plaudit.labels.actor.LabelStore;
import plaudit.labels.actor.LabelStore.TakeLabels;
import plaudit.lease.PendingRequest;
import plaudit.reward.LabelPool;
import plaudit.reward.LabelSchedule;
import plaudit.reward.LabelSchedule.Answered;
import plaudit.reward.RewardMeters;
import plaudit.reward.RewardMeters.Phase;
import plaudit.reward.RewardTrainer;
import plaudit.reward.RewardTrainer.Trained;
import plaudit.reward.TrainingLabels;
import plaudit.reward.actor.RewardLearner.Command;
import plaudit.snapshots.Lineage.PublishReply;
import plaudit.snapshots.Publication;
import plaudit.snapshots.actor.SnapshotProtocol;
import plaudit.training.TrainingObserver;
import plaudit.training.TrainingObserver.PaceReport;

/**
 * The slow loop's learner (paper 1.4): reads new labels from the label store, tells the experience
 * buffer how far the policy may go and how many comparisons are wanted, and trains a reward model
 * when enough labels have come. Labels are never used up, so a lost message or a late label loses
 * nothing.
 *
 * <p>Between {@link Hold} and {@link GoOn} it reads labels and keeps pace as ever, begins no
 * training and publishes nothing: a training in progress ends, and its version is published after
 * {@link GoOn}.
 */
public final class RewardLearner extends AbstractBehavior<Command> {

  /** What the learner receives; what is private comes through adapters. */
  public sealed interface Command extends NoSerializationVerificationNeeded {}

  /** A labeler has stopped the run: no version is published until {@link GoOn}. */
  public enum Hold implements Command {
    INSTANCE
  }

  /** The run goes on where {@link Hold} has found it. */
  public enum GoOn implements Command {
    INSTANCE
  }

  private record Read(LabelStore.Labels labels) implements Command {}

  private record Stored(LabelStore.Status status) implements Command {}

  private record Played(ExperienceProtocol.Status status) implements Command {}

  private record Learned(@Nullable Trained trained, @Nullable Throwable failure)
      implements Command {}

  private record Published(PublishReply reply) implements Command {}

  private enum Look implements Command {
    INSTANCE
  }

  private static final Duration LOOK_EVERY = Duration.ofMillis(200);

  /** Looks between two repetitions of a request that is not answered, at most: ten seconds. */
  private static final int LONGEST_WAIT = 50;

  /** The store is asked for its counts when something has happened, or after as many looks. */
  private static final int COUNT_EVERY = 5;

  private static final int READ_AT_ONCE = 64;

  /** Validation labels that the live win rate looks back on. */
  private static final int WINDOW = 100;

  private final LabelSchedule schedule;
  private final Supplier<RewardTrainer> makeTrainer;
  private final ActorRef<LabelStore.Command> store;
  private final ActorRef<ExperienceProtocol.Command> buffer;
  private final ActorRef<SnapshotProtocol.Command> registry;
  private final RewardMeters meters;
  private final TrainingObserver observer;
  private final ComputeThread thread = new ComputeThread("reward-learner");
  private final ActorRef<LabelStore.Labels> reads;
  private final ActorRef<LabelStore.Status> stored;
  private final ActorRef<ExperienceProtocol.Status> played;
  private final ActorRef<PublishReply> answers;

  private final TrainingLabels begun;
  private final LabelPool labels = new LabelPool();

  /** All that was read, in the store's order, since the last training began. */
  private final List<Label> sinceTraining = new ArrayList<>();

  private final Publication publication = new Publication();
  private final PendingRequest reading = new PendingRequest(LONGEST_WAIT);
  private final PendingRequest counting = new PendingRequest(LONGEST_WAIT);
  private final PendingRequest watching = new PendingRequest(LONGEST_WAIT);
  private final PendingRequest publishing = new PendingRequest(LONGEST_WAIT);

  private @Nullable RewardTrainer trainer;
  private long highWater;
  private long episodes;
  private int trainings;
  private int looks;
  private boolean countsOutdated;
  private boolean computing;
  private boolean held;

  /**
   * A learner.
   *
   * @param trainer made on the compute thread
   * @param trainings how many trainings the run has had, more than 0 if it is resumed
   * @param begun which labels trainings had, the one that was not finished included; belongs to the
   *     compute thread from now on
   */
  public static Behavior<Command> create(
      LabelSchedule schedule,
      Supplier<RewardTrainer> trainer,
      int trainings,
      TrainingLabels begun,
      ActorRef<LabelStore.Command> store,
      ActorRef<ExperienceProtocol.Command> buffer,
      ActorRef<SnapshotProtocol.Command> registry,
      RewardMeters meters,
      TrainingObserver observer) {
    return Behaviors.setup(
        ctx ->
            Behaviors.withTimers(
                timers ->
                    new RewardLearner(
                        ctx, timers, schedule, trainer, trainings, begun, store, buffer, registry,
                        meters, observer)));
  }

  private RewardLearner(
      ActorContext<Command> ctx,
      TimerScheduler<Command> timers,
      LabelSchedule schedule,
      Supplier<RewardTrainer> trainer,
      int trainings,
      TrainingLabels begun,
      ActorRef<LabelStore.Command> store,
      ActorRef<ExperienceProtocol.Command> buffer,
      ActorRef<SnapshotProtocol.Command> registry,
      RewardMeters meters,
      TrainingObserver observer) {
    super(ctx);
    this.schedule = schedule;
    this.makeTrainer = trainer;
    this.trainings = trainings;
    this.begun = begun;
    this.store = store;
    this.buffer = buffer;
    this.registry = registry;
    this.meters = meters;
    this.observer = observer;
    this.reads = ctx.messageAdapter(LabelStore.Labels.class, Read::new);
    this.stored = ctx.messageAdapter(LabelStore.Status.class, Stored::new);
    this.played = ctx.messageAdapter(ExperienceProtocol.Status.class, Played::new);
    this.answers = ctx.messageAdapter(PublishReply.class, Published::new);
    timers.startTimerWithFixedDelay(Look.INSTANCE, Duration.ZERO, LOOK_EVERY);
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessageEquals(Look.INSTANCE, this::onLook)
        .onMessage(Read.class, this::onRead)
        .onMessage(Stored.class, this::onStored)
        .onMessage(Played.class, this::onPlayed)
        .onMessage(Learned.class, this::onLearned)
        .onMessage(Published.class, this::onPublished)
        .onMessageEquals(Hold.INSTANCE, this::onHold)
        .onMessageEquals(GoOn.INSTANCE, this::onGoOn)
        .onSignal(PostStop.class, signal -> onPostStop())
        .build();
  }

  private Behavior<Command> onLook() {
    reading.tick();
    counting.tick();
    watching.tick();
    publishing.tick();
    read();
    countsOutdated |= looks++ % COUNT_EVERY == 0;
    count();
    if (watching.send()) {
      buffer.tell(new ExperienceProtocol.GetStatus(played));
    }
    publish();
    return this;
  }

  private void read() {
    if (reading.send()) {
      store.tell(new TakeLabels(highWater, READ_AT_ONCE, reads));
    }
  }

  /** Asks for the store's counts if something has happened since they were asked for. */
  private void count() {
    if (countsOutdated && counting.send()) {
      store.tell(new LabelStore.GetStatus(stored));
      countsOutdated = false;
    }
  }

  private Behavior<Command> onRead(Read message) {
    if (message.labels().after() != highWater) {
      return this; // the answer to an earlier request
    }
    reading.answered();
    if (message.labels().labels().isEmpty()) {
      return this;
    }
    for (Label label : message.labels().labels()) {
      labels.add(label);
      sinceTraining.add(label);
      highWater = label.sequence();
    }
    meters.labels.set(labels.preferences());
    read();
    countsOutdated = true;
    count();
    return train();
  }

  private Behavior<Command> onStored(Stored message) {
    counting.answered();
    LabelStore.Status status = message.status();
    // Counted in the store: what has been read here lags behind, above all after a restart.
    Pace pace =
        schedule.pace(episodes, new Answered(status.preferences(), status.judged()), trainings);
    meters.wanted.set(pace.questions() + pace.validations());
    buffer.tell(new KeepPace(pace));
    observer.onPace(
        new PaceReport(
            status,
            trainings > 0 && episodes >= pace.episodes(),
            labels.wins(WINDOW),
            labels.betweenPeople()));
    count();
    return this;
  }

  private Behavior<Command> onPlayed(Played message) {
    watching.answered();
    if (episodes != message.status().accepted()) {
      episodes = message.status().accepted();
      countsOutdated = true;
      count();
    }
    return this;
  }

  private Behavior<Command> onLearned(Learned message) {
    computing = false;
    if (message.failure() != null || message.trained() == null) {
      throw new IllegalStateException("the reward model's training failed", message.failure());
    }
    meters.phase.is(held ? Phase.HELD : Phase.PUBLISHING);
    publication.begin(message.trained().snapshot());
    publishing.answered();
    publish();
    return this;
  }

  private Behavior<Command> onPublished(Published message) {
    long version = message.reply().version();
    switch (publication.answered(message.reply())) {
      case PUBLISHED -> {
        trainings = Math.toIntExact(version + 1);
        meters.version.set(version);
        meters.phase.is(held ? Phase.HELD : Phase.COLLECTING_LABELS);
      }
      case REFUSED ->
          throw new IllegalStateException(
              "another learner published reward version %d".formatted(version));
      case OLD -> {}
    }
    return train();
  }

  private Behavior<Command> onHold() {
    held = true;
    if (!computing) {
      meters.phase.is(Phase.HELD);
    }
    return this;
  }

  private Behavior<Command> onGoOn() {
    held = false;
    if (!computing) {
      boolean waits = publication.waiting().isPresent();
      meters.phase.is(waits ? Phase.PUBLISHING : Phase.COLLECTING_LABELS);
    }
    publishing.answered();
    publish();
    return train();
  }

  private Behavior<Command> onPostStop() {
    thread.close();
    return this;
  }

  /** Trains when the schedule has one due; labels that came meanwhile make it the newest one. */
  private Behavior<Command> train() {
    if (computing
        || held
        || publication.waiting().isPresent()
        || schedule.trainingsDue(labels.preferences()) <= trainings) {
      return this;
    }
    computing = true;
    meters.phase.is(Phase.TRAINING_THE_REWARD);
    List<Label> known = List.copyOf(sinceTraining);
    sinceTraining.clear();
    long version = trainings;
    getContext()
        .pipeToSelf(
            thread.run(() -> learn(version, known)), (done, failure) -> new Learned(done, failure));
    return this;
  }

  /** Repeated until the registry answers. */
  private void publish() {
    if (!held && publication.waiting().isPresent() && publishing.send()) {
      registry.tell(new SnapshotProtocol.Publish(publication.waiting().get(), answers));
    }
  }

  /**
   * Trains on all labels so far, or, where an earlier life has begun this training, on those that
   * it had then.
   *
   * @param read since the last training of this life began
   */
  private Trained learn(long version, List<Label> read) {
    if (trainer == null) {
      trainer = makeTrainer.get();
    }
    long start = System.nanoTime();
    Trained trained = trainer.train(version, begun.begin(version, read), observer);
    meters.training.record(System.nanoTime() - start, TimeUnit.NANOSECONDS);
    observer.onTraining(trained.report());
    return trained;
  }
}

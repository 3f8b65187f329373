package plaudit.node;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import org.apache.pekko.actor.NoSerializationVerificationNeeded;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.ChildFailed;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.Terminated;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.apache.pekko.actor.typed.receptionist.Receptionist;
import org.apache.pekko.actor.typed.receptionist.ServiceKey;
import org.jspecify.annotations.Nullable;
import plaudit.experience.ExperienceMeters;
import plaudit.experience.Pace;
import plaudit.experience.actor.ExperienceBuffer;
import plaudit.experience.actor.ExperienceProtocol;
import plaudit.experience.actor.ExperienceProtocol.KeepPace;
import plaudit.input.InvalidInputException;
import plaudit.labels.actor.LabelStore;
import plaudit.labels.actor.LabelStore.Begun;
import plaudit.labels.actor.LabelStore.StopReason;
import plaudit.lease.PendingRequest;
import plaudit.node.LearnerRole.Command;
import plaudit.parallel.actor.Helpers;
import plaudit.policy.PolicyMeters;
import plaudit.policy.actor.PolicyLearner;
import plaudit.policy.actor.PolicyLearner.Ended;
import plaudit.policy.actor.PolicyLearner.ValidationWinRate;
import plaudit.reward.RewardMeters;
import plaudit.reward.actor.RewardLearner;
import plaudit.snapshots.actor.SnapshotProtocol;
import plaudit.snapshots.actor.SnapshotRegistry;
import plaudit.snapshots.actor.SnapshotRegistry.AppliedListener;
import plaudit.stats.Wins;
import plaudit.time.MonotonicClock;
import plaudit.training.TrainingObserver;
import plaudit.training.TrainingObserver.PaceReport;
import plaudit.training.TrainingObserver.RewardReport;
import plaudit.training.TrainingObserver.Step;

/**
 * The learner's node: two places, the learners, and the actor that tells other nodes how the run
 * goes. It begins when the cluster has accepted the node, and a label store has said what was asked
 * before and that no labeler has the run stopped. From then on it looks four times a second whether
 * one has, and holds both learners while the stop stands. A learner or a buffer that fails ends the
 * run, which goes on from its checkpoint.
 */
final class LearnerRole extends AbstractBehavior<Command> {

  sealed interface Command extends NoSerializationVerificationNeeded {}

  /** Ends the run with a checkpoint. */
  enum Stop implements Command {
    INSTANCE
  }

  private record Opened(Begun begun) implements Command {}

  /** What the label store said to look {@code number}; without an answer it did not in time. */
  private record Looked(long number, @Nullable StopReason answer) implements Command {}

  private record LearnerEnded(Ended ended) implements Command {}

  private enum Tick implements Command {
    INSTANCE
  }

  /**
   * The order of looks: an answer that comes after that to a later look tells of the past, and may
   * not let a stopped run go on.
   */
  static final class Looks {
    private long sent;
    private long answered;

    /** The number of the next look. */
    long next() {
      return ++sent;
    }

    /** Whether no later look than {@code number} was answered before. */
    boolean isNews(long number) {
      if (number < answered) {
        return false;
      }
      answered = number;
      return true;
    }
  }

  private static final Duration LOOK_EVERY = Duration.ofMillis(250);

  /** Looks between two repetitions of a request that is not answered, at most: ten seconds. */
  private static final int LONGEST_WAIT = 40;

  private static final Duration ANSWER_WITHIN = LOOK_EVERY.multipliedBy(LONGEST_WAIT);

  private final RunParts parts;
  private final ActorRef<LabelStore.Command> labels;
  private final BooleanSupplier accepted;
  private final CompletableFuture<Ended> end;
  private final ActorRef<Ended> ended;
  private final ActorRef<Begun> opened;
  private final PendingRequest request = new PendingRequest(LONGEST_WAIT);
  private @Nullable ActorRef<PolicyLearner.Command> learner;
  private @Nullable ActorRef<RewardLearner.Command> rewardLearner;
  private boolean held;
  private final Looks looks = new Looks();

  /**
   * The role.
   *
   * @param labels the way to the label stores
   * @param accepted whether the cluster counts this node in and has no other learner; before,
   *     nothing begins
   * @param end completed when the policy learner has made its last checkpoint, or failed; with an
   *     {@link InvalidInputException} if the run is stopped and is not to go on despite that
   */
  static Behavior<Command> create(
      RunParts parts,
      ActorRef<LabelStore.Command> labels,
      BooleanSupplier accepted,
      CompletableFuture<Ended> end) {
    return Behaviors.setup(
        ctx ->
            Behaviors.withTimers(
                timers -> new LearnerRole(ctx, timers, parts, labels, accepted, end)));
  }

  private LearnerRole(
      ActorContext<Command> ctx,
      TimerScheduler<Command> timers,
      RunParts parts,
      ActorRef<LabelStore.Command> labels,
      BooleanSupplier accepted,
      CompletableFuture<Ended> end) {
    super(ctx);
    this.accepted = accepted;
    this.parts = parts;
    this.labels = labels;
    this.end = end;
    this.ended = ctx.messageAdapter(Ended.class, LearnerEnded::new);
    this.opened = ctx.messageAdapter(Begun.class, Opened::new);
    register(
        RunStatusActor.KEY,
        ctx.spawn(
            RunStatusActor.create(
                parts.monitor(),
                parts.terms(),
                (join, why) -> parts.monitor().refused(join, why),
                report -> parts.monitor().scorerReport(report)),
            "run",
            DispatcherSelector.blocking()));
    timers.startTimerWithFixedDelay(Tick.INSTANCE, Duration.ZERO, LOOK_EVERY);
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessageEquals(Tick.INSTANCE, this::onTick)
        .onMessage(Opened.class, this::onOpened)
        .onMessage(Looked.class, this::onLooked)
        .onMessageEquals(Stop.INSTANCE, this::onStop)
        .onMessage(LearnerEnded.class, this::onLearnerEnded)
        .onSignal(ChildFailed.class, this::onFailure)
        .onSignal(Terminated.class, signal -> this)
        .build();
  }

  private Behavior<Command> onTick() {
    if (learner == null && !accepted.getAsBoolean()) {
      return this;
    }
    request.tick();
    if (request.send()) {
      if (learner == null) {
        labels.tell(
            new LabelStore.Begin(
                parts.identity().id(),
                parts.resumed(),
                RunParts.prefixes(),
                parts.letGoOnBy(),
                opened));
      } else {
        look();
      }
    }
    return this;
  }

  private void look() {
    long number = looks.next();
    getContext()
        .ask(
            StopReason.class,
            labels,
            ANSWER_WITHIN,
            LabelStore.GetStopReason::new,
            (answer, failure) -> new Looked(number, answer));
  }

  private Behavior<Command> onOpened(Opened message) {
    request.answered();
    Optional<InvalidInputException> refusal =
        message
            .begun()
            .refusal()
            .map(InvalidInputException::new)
            .or(() -> message.begun().stop().map(LearnerRole::refusal));
    if (refusal.isPresent()) {
      end.completeExceptionally(refusal.get());
    } else if (learner == null) {
      start(message.begun());
    }
    return this;
  }

  private static InvalidInputException refusal(LabelStore.Stop stop) {
    return new InvalidInputException(
        "the run: stopped by %s at %s: %s (expected: no stop, or --despite-stop to let it go on)"
            .formatted(stop.by(), stop.since().truncatedTo(ChronoUnit.SECONDS), stop.reason()));
  }

  private void start(Begun begun) {
    ActorContext<Command> ctx = getContext();
    InstantSource clock = MonotonicClock.PROCESS;
    parts.monitor().labels(begun.preferences());
    ActorRef<SnapshotProtocol.Command> registry =
        ctx.spawn(
            SnapshotRegistry.create(
                parts.recovered(), clock, applied(parts.meters(), parts.monitor())),
            "snapshots");
    ActorRef<ExperienceProtocol.Command> buffer =
        ctx.spawn(
            ExperienceBuffer.create(
                parts.experience(),
                () -> parts.ledger(begun, ExperienceBuffer.firstBatchId(clock)),
                registry,
                clock,
                new ExperienceMeters(parts.meters()),
                parts.monitor()::yielded),
            "experience",
            DispatcherSelector.fromConfig(ExperienceBuffer.DISPATCHER));
    ctx.spawn(ClusterWatch.forBuffer(buffer), "cluster-watch");
    register(SnapshotProtocol.KEY, registry);
    register(ExperienceProtocol.KEY, buffer);
    Helpers helpers = Helpers.of(ctx);
    ActorRef<PolicyLearner.Command> policyLearner =
        ctx.spawn(
            PolicyLearner.create(
                parts.ppo(),
                () -> parts.policyTrainer(helpers),
                parts.checkpoint().isPresent(),
                parts.directory().checkpoints(),
                buffer,
                registry,
                new PolicyMeters(parts.meters()),
                parts.monitor(),
                ended),
            "policy-learner");
    if (parts.asksPeople()) {
      rewardLearner = spawnRewardLearner(buffer, registry, policyLearner);
      ctx.watch(rewardLearner);
    } else {
      buffer.tell(new KeepPace(Pace.FREE));
    }
    ctx.watch(buffer);
    ctx.watch(policyLearner);
    learner = policyLearner;
  }

  private ActorRef<RewardLearner.Command> spawnRewardLearner(
      ActorRef<ExperienceProtocol.Command> buffer,
      ActorRef<SnapshotProtocol.Command> registry,
      ActorRef<PolicyLearner.Command> policyLearner) {
    return getContext()
        .spawn(
            RewardLearner.create(
                parts.labelSchedule(),
                parts::rewardTrainer,
                parts.rewardTrainings(),
                parts.trainingLabels(),
                labels,
                buffer,
                registry,
                new RewardMeters(parts.meters()),
                new WinRateForwarder(parts.monitor(), policyLearner)),
            "reward-learner");
  }

  private static AppliedListener applied(MeterRegistry meters, AppliedListener monitor) {
    return (model, version, by, after) -> {
      Timer.builder("plaudit.snapshots.applied")
          .description("Time from a version's publication until a node works with it")
          .tag("model", model.slug())
          .register(meters)
          .record(after);
      monitor.onApplied(model, version, by, after);
    };
  }

  private <T> void register(ServiceKey<T> key, ActorRef<T> place) {
    getContext().getSystem().receptionist().tell(Receptionist.register(key, place));
  }

  private Behavior<Command> onLooked(Looked message) {
    StopReason answer = message.answer();
    if (answer == null || !looks.isNews(message.number())) {
      return this;
    }
    request.answered();
    Optional<LabelStore.Stop> stop = answer.stop();
    parts.monitor().runStopped(stop);
    if (stop.isPresent() != held && learner != null) {
      held = stop.isPresent();
      learner.tell(held ? PolicyLearner.Hold.INSTANCE : PolicyLearner.GoOn.INSTANCE);
      if (rewardLearner != null) {
        rewardLearner.tell(held ? RewardLearner.Hold.INSTANCE : RewardLearner.GoOn.INSTANCE);
      }
    }
    return this;
  }

  private Behavior<Command> onStop() {
    if (learner == null) {
      end.complete(new Ended(parts.startVersion(), ""));
    } else {
      learner.tell(new PolicyLearner.Stop(ended));
    }
    return this;
  }

  private Behavior<Command> onLearnerEnded(LearnerEnded message) {
    end.complete(message.ended());
    return this;
  }

  private Behavior<Command> onFailure(ChildFailed failed) {
    end.completeExceptionally(failed.cause());
    return this;
  }

  /**
   * Tells the policy learner's tripwires the win rate whenever another validation question was
   * answered, and everything to the next observer. Called on the reward learner's actor and compute
   * thread.
   */
  private static final class WinRateForwarder implements TrainingObserver {

    private final TrainingObserver next;
    private final ActorRef<PolicyLearner.Command> learner;
    private Wins last = new Wins(0, 0);

    WinRateForwarder(TrainingObserver next, ActorRef<PolicyLearner.Command> learner) {
      this.next = next;
      this.learner = learner;
    }

    @Override
    public void onStep(Step step) {
      next.onStep(step);
    }

    @Override
    public void onTraining(RewardReport report) {
      next.onTraining(report);
    }

    @Override
    public void onPace(PaceReport report) {
      if (!report.wins().equals(last)) {
        last = report.wins();
        learner.tell(new ValidationWinRate(last.rate().high()));
      }
      next.onPace(report);
    }
  }
}

package plaudit.experience.actor;

import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
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
import plaudit.experience.Batch;
import plaudit.experience.ExperienceMeters;
import plaudit.experience.ExperienceSettings;
import plaudit.experience.Grant;
import plaudit.experience.Ledger;
import plaudit.experience.PromptStreams;
import plaudit.experience.actor.ExperienceProtocol.Asked;
import plaudit.experience.actor.ExperienceProtocol.Borrow;
import plaudit.experience.actor.ExperienceProtocol.Checkpointed;
import plaudit.experience.actor.ExperienceProtocol.Command;
import plaudit.experience.actor.ExperienceProtocol.GetStatus;
import plaudit.experience.actor.ExperienceProtocol.KeepPace;
import plaudit.experience.actor.ExperienceProtocol.Leave;
import plaudit.experience.actor.ExperienceProtocol.Left;
import plaudit.experience.actor.ExperienceProtocol.Offer;
import plaudit.experience.actor.ExperienceProtocol.Status;
import plaudit.experience.actor.ExperienceProtocol.TakeBatch;
import plaudit.experience.journal.DurableLedger;
import plaudit.experience.journal.Journal;
import plaudit.snapshots.Model;
import plaudit.snapshots.Snapshot;
import plaudit.snapshots.actor.SnapshotProtocol;

/**
 * The meeting place of the fast loop: lends prompts to samplers, takes trajectories from scorers,
 * serves batches to the policy learner. Whoever cannot be served yet is parked until the {@link
 * Ledger}, which makes all decisions, says otherwise.
 */
public final class ExperienceBuffer extends AbstractBehavior<Command> {

  /** The registry has something new. */
  private record Published(Snapshot snapshot)
      implements Command, NoSerializationVerificationNeeded {}

  /** A sampler that asked or holds work is gone. */
  private record SamplerGone(ActorRef<Grant> sampler)
      implements Command, NoSerializationVerificationNeeded {}

  /**
   * Whoever watches the cluster says that a node cannot be reached: what its samplers hold goes to
   * others without waiting until the cluster has given it up. If it comes back, its deliveries of
   * what nobody else has got yet still count.
   *
   * @param node as the cluster writes it: {@code pekko://plaudit@host:port}
   */
  public record Unreachable(String node) implements Command, NoSerializationVerificationNeeded {}

  /** A lease may have run out. */
  private enum LeaseTick implements Command, NoSerializationVerificationNeeded {
    INSTANCE
  }

  /** An announcement may have got lost on its way: ask for the newest again. */
  private enum FollowAgain implements Command, NoSerializationVerificationNeeded {
    INSTANCE
  }

  /** The thread that may wait for the journal's disk. */
  public static final String DISPATCHER = "plaudit.experience.blocking-dispatcher";

  private static final Duration FOLLOW_EVERY = Duration.ofSeconds(30);

  private final ExperienceSettings settings;
  private final DurableLedger ledger;
  private final ActorRef<SnapshotProtocol.Command> registry;
  private final InstantSource clock;
  private final ExperienceMeters meters;
  private final LeaseAlarm alarm;
  private final ActorRef<Snapshot> published;

  private final Borrowers borrowers = new Borrowers();
  private @Nullable TakeBatch learner;

  /**
   * A buffer with nothing lent and nothing waiting, and without a journal.
   *
   * @param registry is followed for policy and reward versions
   * @param clock times the leases
   */
  public static Behavior<Command> create(
      ExperienceSettings settings,
      PromptStreams decks,
      ActorRef<SnapshotProtocol.Command> registry,
      InstantSource clock,
      ExperienceMeters meters) {
    return create(
        settings,
        () -> DurableLedger.fresh(settings, decks, firstBatchId(clock), Journal.NONE),
        registry,
        clock,
        meters);
  }

  /**
   * A buffer with the ledger of a run that begins or goes on. Started on {@link #DISPATCHER}: a
   * journal blocks.
   *
   * @param ledger opened when the buffer starts, closed with it
   */
  public static Behavior<Command> create(
      ExperienceSettings settings,
      Supplier<DurableLedger> ledger,
      ActorRef<SnapshotProtocol.Command> registry,
      InstantSource clock,
      ExperienceMeters meters) {
    return Behaviors.setup(
        ctx ->
            Behaviors.withTimers(
                timers ->
                    new ExperienceBuffer(
                        ctx, timers, settings, ledger.get(), registry, clock, meters)));
  }

  /** Two lives of a buffer are more than a microsecond a batch apart. */
  public static long firstBatchId(InstantSource clock) {
    return clock.millis() * 1000;
  }

  private ExperienceBuffer(
      ActorContext<Command> ctx,
      TimerScheduler<Command> timers,
      ExperienceSettings settings,
      DurableLedger ledger,
      ActorRef<SnapshotProtocol.Command> registry,
      InstantSource clock,
      ExperienceMeters meters) {
    super(ctx);
    this.settings = settings;
    this.ledger = ledger;
    this.registry = registry;
    this.clock = clock;
    this.meters = meters;
    this.alarm = new LeaseAlarm(in -> timers.startSingleTimer(LeaseTick.INSTANCE, in));
    this.published = ctx.messageAdapter(Snapshot.class, Published::new);
    timers.startTimerWithFixedDelay(FollowAgain.INSTANCE, FOLLOW_EVERY);
    follow();
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Borrow.class, this::onBorrow)
        .onMessage(Offer.class, this::onOffer)
        .onMessage(Asked.class, this::onAsked)
        .onMessage(TakeBatch.class, this::onTakeBatch)
        .onMessage(KeepPace.class, this::onPace)
        .onMessage(Checkpointed.class, this::onCheckpointed)
        .onMessage(GetStatus.class, this::onGetStatus)
        .onMessage(Published.class, this::onPublished)
        .onMessage(SamplerGone.class, this::onSamplerGone)
        .onMessage(Leave.class, this::onLeave)
        .onMessage(Unreachable.class, this::onUnreachable)
        .onMessage(LeaseTick.class, tick -> onLeaseTick())
        .onMessage(FollowAgain.class, tick -> onFollowAgain())
        .onSignal(PostStop.class, signal -> onPostStop())
        .build();
  }

  private Behavior<Command> onBorrow(Borrow borrow) {
    if (borrowers.ask(borrow)) {
      getContext().watchWith(borrow.replyTo(), new SamplerGone(borrow.replyTo()));
    }
    return serve();
  }

  private Behavior<Command> onOffer(Offer offer) {
    offer.replyTo().tell(ledger.offer(offer.batchId(), offer.trajectories()));
    return serve();
  }

  private Behavior<Command> onAsked(Asked asked) {
    asked.replyTo().tell(ledger.asked(asked.batchId(), asked.comparisons()));
    return serve();
  }

  private Behavior<Command> onTakeBatch(TakeBatch take) {
    if (take.size() != settings.batchSize()) {
      getContext()
          .getLog()
          .warn(
              "Batch of [{}] asked for, admission counts [{}]", take.size(), settings.batchSize());
    }
    learner = take;
    return serve();
  }

  private Behavior<Command> onPace(KeepPace message) {
    ledger.keepPace(message.pace());
    return serve();
  }

  private Behavior<Command> onCheckpointed(Checkpointed message) {
    ledger.checkpointed(message.version());
    return this;
  }

  private Behavior<Command> onGetStatus(GetStatus get) {
    Ledger now = ledger.ledger();
    get.replyTo()
        .tell(
            new Status(
                now.version(),
                now.waiting(),
                now.lent(),
                now.accepted(),
                now.taken(),
                now.dropped(),
                now.questionsWanted(),
                borrowers.count(ledger.holders())));
    return this;
  }

  private Behavior<Command> onPublished(Published message) {
    Snapshot snapshot = message.snapshot();
    ledger
        .published(snapshot.model(), snapshot.version(), snapshot.sha256())
        .ifPresent(
            before ->
                getContext()
                    .getLog()
                    .warn(
                        "policy [{}] was made again and came out as [{}], not as [{}]: what was"
                            + " sampled with the first is learned from all the same",
                        snapshot.version(),
                        snapshot.sha256(),
                        before));
    return serve();
  }

  private Behavior<Command> onSamplerGone(SamplerGone gone) {
    borrowers.forget(gone.sampler());
    int recalled = recall(gone.sampler());
    getContext().getLog().info("Sampler [{}] gone, [{}] grants recalled", gone.sampler(), recalled);
    return serve();
  }

  private Behavior<Command> onLeave(Leave leave) {
    int returned = recall(leave.sampler());
    getContext().getLog().info("Sampler [{}] left, [{}] grants", leave.sampler(), returned);
    leave.replyTo().tell(new Left(returned));
    return serve();
  }

  private Behavior<Command> onUnreachable(Unreachable message) {
    int recalled = 0;
    for (ActorRef<Grant> sampler : borrowers.on(message.node())) {
      recalled += recall(sampler);
    }
    getContext()
        .getLog()
        .warn("[{}] cannot be reached, [{}] grants recalled", message.node(), recalled);
    return serve();
  }

  /** What {@code sampler} holds is dealt again; it is given nothing until it asks anew. */
  private int recall(ActorRef<Grant> sampler) {
    borrowers.dismiss(sampler);
    int recalled = ledger.release(Borrowers.holder(sampler)).size();
    meters.recalled(recalled);
    return recalled;
  }

  private Behavior<Command> onLeaseTick() {
    alarm.rang();
    int recalled = ledger.expire(clock.instant()).size();
    meters.recalled(recalled);
    if (recalled > 0) {
      getContext().getLog().warn("[{}] leases ran out, their prompts are dealt again", recalled);
    }
    return serve();
  }

  private Behavior<Command> onFollowAgain() {
    follow();
    return this;
  }

  private Behavior<Command> onPostStop() {
    ledger.close();
    return this;
  }

  private void follow() {
    for (Model model : Model.values()) {
      registry.tell(new SnapshotProtocol.Follow(model, published));
    }
  }

  /** Something has changed: serves everyone who can be served now. */
  private Behavior<Command> serve() {
    if (learner != null) {
      serve(learner);
    }
    borrowers.serve(
        one -> ledger.lend(one.holder(), one.borrow().loadedVersion(), clock.instant()));
    ledger.nextExpiry().ifPresent(expiry -> alarm.ringAt(expiry, clock.instant()));
    meters.observe(ledger.ledger());
    meters.samplers(borrowers.count(ledger.holders()));
    return this;
  }

  private void serve(TakeBatch take) {
    Optional<Batch> batch = ledger.take(take.version(), take.size());
    if (batch.isPresent()) {
      take.replyTo().tell(batch.get());
      learner = null;
      meters.served(batch.get());
      getContext().getLog().debug("Version [{}] got its [{}]", take.version(), take.size());
    }
  }
}

package plaudit.experience;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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
import plaudit.experience.ExperienceProtocol.Asked;
import plaudit.experience.ExperienceProtocol.Batch;
import plaudit.experience.ExperienceProtocol.Borrow;
import plaudit.experience.ExperienceProtocol.Checkpointed;
import plaudit.experience.ExperienceProtocol.Command;
import plaudit.experience.ExperienceProtocol.GetStatus;
import plaudit.experience.ExperienceProtocol.Grant;
import plaudit.experience.ExperienceProtocol.Leave;
import plaudit.experience.ExperienceProtocol.Left;
import plaudit.experience.ExperienceProtocol.Offer;
import plaudit.experience.ExperienceProtocol.Pace;
import plaudit.experience.ExperienceProtocol.Status;
import plaudit.experience.ExperienceProtocol.TakeBatch;
import plaudit.experience.journal.DurableLedger;
import plaudit.experience.journal.Journal;
import plaudit.snapshots.Model;
import plaudit.snapshots.Snapshot;
import plaudit.snapshots.SnapshotProtocol;

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
  private final TimerScheduler<Command> timers;
  private final ActorRef<Snapshot> published;

  private final Map<String, Waiting> borrowers = new LinkedHashMap<>();
  private final Set<ActorRef<Grant>> watched = new LinkedHashSet<>();
  private @Nullable TakeBatch learner;
  private @Nullable Instant ticking;

  /** A sampler that waits for work, and its name as a holder, which is long to write. */
  private record Waiting(Borrow borrow, String holder) {}

  /**
   * A buffer with nothing lent and nothing waiting, and without a journal.
   *
   * @param registry is followed for policy and reward versions
   * @param clock times the leases
   */
  public static Behavior<Command> create(
      ExperienceSettings settings,
      Decks decks,
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
    this.timers = timers;
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
        .onMessage(Pace.class, this::onPace)
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
    if (watched.add(borrow.replyTo())) {
      getContext().watchWith(borrow.replyTo(), new SamplerGone(borrow.replyTo()));
    }
    borrowers.put(borrow.sampler(), new Waiting(borrow, holder(borrow.replyTo())));
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

  private Behavior<Command> onPace(Pace pace) {
    ledger.keepPace(pace);
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
                samplers()));
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
    watched.remove(gone.sampler());
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
    for (ActorRef<Grant> sampler : watched) {
      if (sampler.path().address().toString().equals(message.node())) {
        recalled += recall(sampler);
      }
    }
    getContext()
        .getLog()
        .warn("[{}] cannot be reached, [{}] grants recalled", message.node(), recalled);
    return serve();
  }

  /** What {@code sampler} holds is dealt again; it is given nothing until it asks anew. */
  private int recall(ActorRef<Grant> sampler) {
    borrowers.values().removeIf(waiting -> waiting.borrow().replyTo().equals(sampler));
    int recalled = ledger.release(holder(sampler)).size();
    meters.recalled(recalled);
    return recalled;
  }

  private int samplers() {
    Set<String> samplers = new HashSet<>(ledger.holders());
    borrowers.values().forEach(waiting -> samplers.add(waiting.holder()));
    return samplers.size();
  }

  private Behavior<Command> onLeaseTick() {
    ticking = null;
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
    for (Iterator<Waiting> i = borrowers.values().iterator(); i.hasNext(); ) {
      Waiting waiting = i.next();
      Borrow borrow = waiting.borrow();
      Optional<Grant> grant =
          ledger.lend(waiting.holder(), borrow.loadedVersion(), clock.instant());
      if (grant.isPresent()) {
        borrow.replyTo().tell(grant.get());
        i.remove();
      }
    }
    ledger
        .nextExpiry()
        .filter(expiry -> ticking == null || expiry.isBefore(ticking))
        .ifPresent(this::tickAt);
    meters.observe(ledger.ledger());
    meters.samplers(samplers());
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

  /** One that comes too early finds nothing and looks anew. */
  private void tickAt(Instant expiry) {
    ticking = expiry;
    Duration left = Duration.between(clock.instant(), expiry);
    Duration delay = left.compareTo(Duration.ofMillis(1)) < 0 ? Duration.ofMillis(1) : left;
    timers.startSingleTimer(LeaseTick.INSTANCE, delay);
  }

  /** Not the sampler's name: one that restarts is another holder than the one that died. */
  private static String holder(ActorRef<Grant> sampler) {
    return sampler.path().toSerializationFormat();
  }
}

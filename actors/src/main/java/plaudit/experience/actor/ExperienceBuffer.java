package plaudit.experience.actor;

import java.time.Duration;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
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
import plaudit.experience.LedgerInput;
import plaudit.experience.LedgerOutcome.Recalled;
import plaudit.experience.LedgerOutcome.Remade;
import plaudit.experience.OfferReply;
import plaudit.experience.PromptStreams;
import plaudit.experience.QuestionYield;
import plaudit.experience.actor.ExperienceProtocol.Asked;
import plaudit.experience.actor.ExperienceProtocol.Borrow;
import plaudit.experience.actor.ExperienceProtocol.Checkpointed;
import plaudit.experience.actor.ExperienceProtocol.Command;
import plaudit.experience.actor.ExperienceProtocol.GetStatus;
import plaudit.experience.actor.ExperienceProtocol.KeepPace;
import plaudit.experience.actor.ExperienceProtocol.Leave;
import plaudit.experience.actor.ExperienceProtocol.Left;
import plaudit.experience.actor.ExperienceProtocol.Offer;
import plaudit.experience.actor.ExperienceProtocol.SendFailed;
import plaudit.experience.actor.ExperienceProtocol.Status;
import plaudit.experience.actor.ExperienceProtocol.TakeBatch;
import plaudit.experience.journal.DurableLedger;
import plaudit.experience.journal.Journal;
import plaudit.input.InvalidInputException;
import plaudit.snapshots.Model;
import plaudit.snapshots.Snapshot;
import plaudit.snapshots.actor.SnapshotProtocol;

/**
 * The meeting place of the fast loop: lends prompts to samplers, takes trajectories from scorers,
 * serves batches to the policy learner. A request that cannot be served yet is kept and tried again
 * after each change; the {@link Ledger} makes all decisions.
 */
public final class ExperienceBuffer extends AbstractBehavior<Command> {

  /** The registry has another version. */
  private record Published(Snapshot snapshot)
      implements Command, NoSerializationVerificationNeeded {}

  /** A sampler that has asked for work has died. */
  private record SamplerGone(ActorRef<Grant> sampler)
      implements Command, NoSerializationVerificationNeeded {}

  /**
   * A node cannot be reached: the work of its samplers is lent again before the cluster removes the
   * node. If the node comes back, its deliveries of work that was not lent again still count.
   *
   * @param node as the cluster writes it: {@code pekko://plaudit@host:port}
   */
  public record Unreachable(String node) implements Command, NoSerializationVerificationNeeded {}

  /** A lease may have run out. */
  private enum LeaseTick implements Command, NoSerializationVerificationNeeded {
    INSTANCE
  }

  /** Asks the registry for the newest versions again: an announcement may have been lost. */
  private enum FollowAgain implements Command, NoSerializationVerificationNeeded {
    INSTANCE
  }

  /** The dispatcher whose thread may wait for the journal's disk. */
  public static final String DISPATCHER = "plaudit.experience.blocking-dispatcher";

  private static final Duration FOLLOW_EVERY = Duration.ofSeconds(30);

  private final ExperienceSettings settings;
  private final DurableLedger ledger;
  private final ActorRef<SnapshotProtocol.Command> registry;
  private final InstantSource clock;
  private final ExperienceMeters meters;
  private final Consumer<QuestionYield> onYield;
  private final LeaseAlarm alarm;
  private final ActorRef<Snapshot> published;

  /** A sampler that waits for work, and its {@link #holder}, which is expensive to write. */
  private record Waiting(Borrow borrow, String holder) {}

  /** Samplers that wait for work, by name, in the order in which they asked. */
  private final Map<String, Waiting> waiting = new LinkedHashMap<>();

  /** All samplers that have asked and are alive. */
  private final Set<ActorRef<Grant>> alive = new LinkedHashSet<>();

  private @Nullable TakeBatch learner;

  /** Since this buffer started. */
  private QuestionYield yielded = QuestionYield.NONE;

  /**
   * A buffer with nothing lent and nothing waiting, and without a journal.
   *
   * @param registry is followed for policy and reward versions
   * @param clock times the leases
   */
  public static Behavior<Command> create(
      ExperienceSettings settings,
      PromptStreams prompts,
      ActorRef<SnapshotProtocol.Command> registry,
      InstantSource clock,
      ExperienceMeters meters) {
    return create(
        settings,
        () -> DurableLedger.fresh(settings, prompts, firstBatchId(clock), Journal.NONE),
        registry,
        clock,
        meters,
        yielded -> {});
  }

  /**
   * A buffer with the ledger of a run that begins or resumes. To be started on {@link #DISPATCHER},
   * since a journal blocks.
   *
   * @param ledger opened when the buffer starts, closed with it
   * @param onYield told what has become of the responses for questions since the buffer started
   */
  public static Behavior<Command> create(
      ExperienceSettings settings,
      Supplier<DurableLedger> ledger,
      ActorRef<SnapshotProtocol.Command> registry,
      InstantSource clock,
      ExperienceMeters meters,
      Consumer<QuestionYield> onYield) {
    return Behaviors.setup(
        ctx ->
            Behaviors.withTimers(
                timers ->
                    new ExperienceBuffer(
                        ctx, timers, settings, ledger.get(), registry, clock, meters, onYield)));
  }

  /** Greater than the ids of earlier buffers, as long as those lent less than 1000 batches a ms. */
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
      ExperienceMeters meters,
      Consumer<QuestionYield> onYield) {
    super(ctx);
    this.settings = settings;
    this.ledger = ledger;
    this.registry = registry;
    this.clock = clock;
    this.meters = meters;
    this.onYield = onYield;
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
        .onMessage(SendFailed.class, this::onSendFailed)
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
    waiting.put(borrow.sampler(), new Waiting(borrow, holder(borrow.replyTo())));
    if (alive.add(borrow.replyTo())) {
      getContext().watchWith(borrow.replyTo(), new SamplerGone(borrow.replyTo()));
    }
    return serve();
  }

  private Behavior<Command> onOffer(Offer offer) {
    answer(offer.replyTo(), new LedgerInput.Offer(offer.batchId(), offer.trajectories()));
    return serve();
  }

  private Behavior<Command> onAsked(Asked asked) {
    int comparisons = Math.toIntExact(asked.yielded().questions());
    if (answer(asked.replyTo(), new LedgerInput.Asked(asked.batchId(), comparisons))) {
      yielded = yielded.plus(asked.yielded());
      meters.questions(asked.yielded());
      onYield.accept(yielded);
    }
    return serve();
  }

  /** Whether the delivery was accepted. */
  private boolean answer(ActorRef<OfferReply> scorer, LedgerInput delivery) {
    if (ledger.apply(delivery) instanceof OfferReply reply) {
      scorer.tell(reply);
      return reply instanceof OfferReply.Accepted;
    }
    return false;
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
    ledger.apply(new LedgerInput.KeepPace(message.pace()));
    return serve();
  }

  private Behavior<Command> onCheckpointed(Checkpointed message) {
    ledger.checkpointed(message.version());
    return this;
  }

  private Behavior<Command> onSendFailed(SendFailed message) {
    throw new InvalidInputException(
        ("node %s: %s; make experience.grant-prompts or question-prompts smaller, or"
                + " wire.largest-message greater on all nodes")
            .formatted(message.node(), message.reason()));
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
    if (ledger.apply(
            new LedgerInput.Published(snapshot.model(), snapshot.version(), snapshot.sha256()))
        instanceof Remade remade) {
      getContext()
          .getLog()
          .warn(
              "Policy [{}] was made again and has SHA-256 [{}], not [{}]: trajectories sampled with"
                  + " the first weights are learned from all the same",
              snapshot.version(),
              snapshot.sha256(),
              remade.sha256());
    }
    return serve();
  }

  private Behavior<Command> onSamplerGone(SamplerGone gone) {
    alive.remove(gone.sampler());
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
    List<ActorRef<Grant>> samplers =
        alive.stream()
            .filter(sampler -> sampler.path().address().toString().equals(message.node()))
            .toList();
    int recalled = samplers.stream().mapToInt(this::recall).sum();
    getContext()
        .getLog()
        .warn("[{}] cannot be reached, [{}] grants recalled", message.node(), recalled);
    return serve();
  }

  /** Ends the leases of {@code sampler}; it is lent nothing until it asks again. */
  private int recall(ActorRef<Grant> sampler) {
    waiting.values().removeIf(one -> one.borrow().replyTo().equals(sampler));
    return recalled(new LedgerInput.Release(holder(sampler)));
  }

  /** How many leases {@code input} has ended. */
  private int recalled(LedgerInput input) {
    int recalled = ledger.apply(input) instanceof Recalled ended ? ended.batchIds().size() : 0;
    meters.recalled(recalled);
    return recalled;
  }

  /** Not the sampler's name: one that was started again is another holder than the one before. */
  private static String holder(ActorRef<Grant> sampler) {
    return sampler.path().toSerializationFormat();
  }

  /** How many samplers hold work or wait for it. */
  private int samplers() {
    Set<String> samplers = new HashSet<>(ledger.ledger().holders());
    waiting.values().forEach(one -> samplers.add(one.holder()));
    return samplers.size();
  }

  private Behavior<Command> onLeaseTick() {
    alarm.rang();
    int recalled = recalled(new LedgerInput.Expire(clock.instant()));
    if (recalled > 0) {
      getContext().getLog().warn("[{}] leases ran out, their prompts are lent again", recalled);
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

  /** Something has changed: serves all requests that can be served now. */
  private Behavior<Command> serve() {
    if (learner != null) {
      serve(learner);
    }
    waiting.values().removeIf(one -> lend(one.borrow(), one.holder()));
    ledger.ledger().nextExpiry().ifPresent(at -> alarm.ringAt(at, clock.instant()));
    meters.observe(ledger.ledger());
    meters.samplers(samplers());
    return this;
  }

  /** Whether there was work for {@code borrow}. */
  private boolean lend(Borrow borrow, String holder) {
    if (ledger.apply(new LedgerInput.Lend(holder, borrow.loadedVersion(), clock.instant()))
        instanceof Grant grant) {
      borrow.replyTo().tell(grant);
      return true;
    }
    return false;
  }

  private void serve(TakeBatch take) {
    if (ledger.apply(new LedgerInput.Take(take.version(), take.size())) instanceof Batch batch) {
      take.replyTo().tell(batch);
      learner = null;
      meters.served(batch);
      getContext().getLog().debug("Version [{}] got its [{}]", take.version(), take.size());
    }
  }
}

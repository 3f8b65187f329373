package plaudit.sampling.actor;

import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.apache.pekko.actor.typed.receptionist.Receptionist;
import org.apache.pekko.actor.typed.receptionist.ServiceKey;
import org.jspecify.annotations.Nullable;
import plaudit.compute.ComputeThread;
import plaudit.experience.Grant;
import plaudit.experience.Rollout;
import plaudit.experience.actor.ExperienceProtocol;
import plaudit.experience.actor.ExperienceProtocol.Borrow;
import plaudit.lease.PendingRequest;
import plaudit.sampling.PolicyEngine;
import plaudit.sampling.PolicyEngine.Candidate;
import plaudit.sampling.SamplerMeters;
import plaudit.sampling.SamplerSettings;
import plaudit.sampling.SamplerState;
import plaudit.sampling.SamplerState.Ask;
import plaudit.sampling.SamplerState.Due;
import plaudit.sampling.SamplerState.Fetch;
import plaudit.sampling.SamplerState.Load;
import plaudit.sampling.SamplerState.Write;
import plaudit.sampling.actor.Sampler.Command;
import plaudit.scoring.actor.ScoringProtocol;
import plaudit.scoring.actor.ScoringProtocol.Score;
import plaudit.scoring.actor.ScoringProtocol.Scored;
import plaudit.snapshots.Model;
import plaudit.snapshots.Snapshot;
import plaudit.snapshots.VersionTracker.News;
import plaudit.snapshots.actor.SnapshotProtocol;

/**
 * Follows the policy, borrows prompts, writes responses and hands them to a scorer; keeps nothing
 * worth saving. {@link SamplerState} says what to begin. Batches are written on one thread, where
 * versions take over too, so that neither interrupts the other; versions are fetched, read and
 * checked meanwhile on another. The sampler switches between two batches, or between two tokens
 * ({@link SamplerSettings.InFlight}). At most {@code unacknowledged} batches are with scorers at a
 * time: a slow scorer slows the sampler.
 *
 * <p>A version that fails the check is never sampled with. The one before goes on, which was
 * checked itself, for as long as the buffer still lends to it.
 */
public final class Sampler extends AbstractBehavior<Command> {

  /** Anything a sampler understands; all but {@link Leave} comes through adapters. */
  public sealed interface Command extends NoSerializationVerificationNeeded {}

  /** The node is about to go: the sampler hands back its work and ends. */
  public record Leave(ActorRef<Done> replyTo) implements Command {}

  private record HandedBack(int grants) implements Command {}

  private record Published(Snapshot snapshot) implements Command {}

  private record Fetched(News news, @Nullable Throwable failure) implements Command {}

  /** With the largest difference from the learner's log-probabilities, in nats. */
  private record Loaded(Candidate candidate, double gap, @Nullable Throwable failure)
      implements Command {}

  private record TookOver(Optional<Candidate> candidate, @Nullable Throwable failure)
      implements Command {}

  /** In the middle of a batch. */
  private record Swapped(Candidate candidate) implements Command {}

  private record Granted(Grant grant) implements Command {}

  private record Written(Grant grant, List<Rollout> rollouts, @Nullable Throwable failure)
      implements Command {}

  private record Answered(ScoringProtocol.Reply reply) implements Command {}

  private record Scorers(Set<ActorRef<ScoringProtocol.Command>> refs) implements Command {}

  private enum AskAgain implements Command {
    INSTANCE
  }

  /** Ticks between two deliveries of a batch that is not answered, at most. */
  private static final int LONGEST_WAIT = 8;

  /** A batch on its way. It may be megabytes: it is repeated ever less often. */
  private static final class Delivery {

    private final Score score;
    private final PendingRequest request = new PendingRequest(LONGEST_WAIT);
    private @Nullable ActorRef<ScoringProtocol.Command> scorer;

    Delivery(Score score) {
      this.score = score;
    }
  }

  private final SamplerSettings settings;
  private final String name;
  private final PolicyEngine engine;
  private final ActorRef<ExperienceProtocol.Command> buffer;
  private final ActorRef<SnapshotProtocol.Command> registry;
  private final InstantSource clock;
  private final SamplerMeters meters;
  private final SamplerState state;
  private final ComputeThread writing;
  private final ComputeThread loading;
  private final ActorRef<Snapshot> published;
  private final ActorRef<Grant> grants;
  private final ActorRef<ScoringProtocol.Reply> replies;

  /** Batches that are with scorers, until they are acknowledged. */
  private final Map<Long, Delivery> unanswered = new HashMap<>();

  private List<ActorRef<ScoringProtocol.Command>> scorers = List.of();
  private int turn;
  private @Nullable Leave leaving;

  /**
   * A sampler.
   *
   * @param name unique in the cluster
   * @param engine made for each start of the actor, and closed with it
   * @param key under which scorers are found
   */
  public static Behavior<Command> create(
      SamplerSettings settings,
      String name,
      Supplier<? extends PolicyEngine> engine,
      ServiceKey<ScoringProtocol.Command> key,
      ActorRef<ExperienceProtocol.Command> buffer,
      ActorRef<SnapshotProtocol.Command> registry,
      InstantSource clock,
      SamplerMeters meters) {
    return Behaviors.setup(
        ctx ->
            Behaviors.withTimers(
                timers ->
                    new Sampler(
                        ctx,
                        timers,
                        settings,
                        name,
                        engine.get(),
                        key,
                        buffer,
                        registry,
                        clock,
                        meters)));
  }

  private Sampler(
      ActorContext<Command> ctx,
      TimerScheduler<Command> timers,
      SamplerSettings settings,
      String name,
      PolicyEngine engine,
      ServiceKey<ScoringProtocol.Command> key,
      ActorRef<ExperienceProtocol.Command> buffer,
      ActorRef<SnapshotProtocol.Command> registry,
      InstantSource clock,
      SamplerMeters meters) {
    super(ctx);
    this.settings = settings;
    this.name = name;
    this.engine = engine;
    this.buffer = buffer;
    this.registry = registry;
    this.clock = clock;
    this.meters = meters;
    this.state =
        new SamplerState(
            settings.unacknowledged(), settings.inFlight() != SamplerSettings.InFlight.OFF);
    this.writing = new ComputeThread("sampler-" + name);
    this.loading = new ComputeThread("fetch-" + name);
    this.published = ctx.messageAdapter(Snapshot.class, Published::new);
    this.grants = ctx.messageAdapter(Grant.class, Granted::new);
    this.replies = ctx.messageAdapter(ScoringProtocol.Reply.class, Answered::new);
    ctx.getSystem()
        .receptionist()
        .tell(
            Receptionist.subscribe(
                key,
                ctx.messageAdapter(
                    Receptionist.Listing.class,
                    listing -> new Scorers(listing.getServiceInstances(key)))));
    timers.startTimerWithFixedDelay(AskAgain.INSTANCE, settings.askAgain());
    follow();
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Published.class, this::onPublished)
        .onMessage(Fetched.class, this::onFetched)
        .onMessage(Loaded.class, this::onLoaded)
        .onMessage(TookOver.class, this::onTookOver)
        .onMessage(Swapped.class, this::onSwapped)
        .onMessage(Granted.class, this::onGranted)
        .onMessage(Written.class, this::onWritten)
        .onMessage(Answered.class, this::onAnswered)
        .onMessage(Scorers.class, this::onScorers)
        .onMessage(Leave.class, this::onLeave)
        .onMessage(HandedBack.class, this::onHandedBack)
        .onMessageEquals(AskAgain.INSTANCE, this::onAskAgain)
        .onSignal(PreRestart.class, signal -> onPostStop())
        .onSignal(PostStop.class, signal -> onPostStop())
        .build();
  }

  private Behavior<Command> onPublished(Published message) {
    state.heard(message.snapshot(), clock.instant());
    return next();
  }

  /**
   * A file that did not come is fetched again with the next message: at the latest, the timer's.
   */
  private Behavior<Command> onFetched(Fetched message) {
    if (message.failure() != null) {
      state.notFetched();
      long version = message.news().snapshot().version();
      getContext().getLog().warn("policy [{}] could not be fetched", version, message.failure());
      return this;
    }
    state.fetched(message.news());
    return next();
  }

  private Behavior<Command> onLoaded(Loaded message) {
    long version = message.candidate().version();
    if (message.failure() != null) {
      state.unusable();
      getContext().getLog().warn("policy [{}] could not be loaded", version, message.failure());
      return next();
    }
    meters.gap.record(message.gap());
    if (message.gap() <= settings.gapAlarm()) {
      state.loaded(message.candidate());
    } else {
      state.unusable();
      meters.refused.increment();
      getContext()
          .getLog()
          .error(
              "policy [{}] is not served: log-probabilities differ from the learner's by [{}] nats"
                  + " (expected: <= {})",
              version,
              message.gap(),
              settings.gapAlarm());
    }
    return next();
  }

  private Behavior<Command> onTookOver(TookOver message) {
    if (message.failure() != null) {
      throw new IllegalStateException("a policy could not be taken over", message.failure());
    }
    state.tookOver(message.candidate());
    message.candidate().ifPresent(this::report);
    return next();
  }

  private Behavior<Command> onSwapped(Swapped message) {
    state.swapped(message.candidate());
    report(message.candidate());
    return this;
  }

  /** A version is sampled with from now on. */
  private void report(Candidate version) {
    meters.version.set(version.version());
    meters.loading.record(Duration.between(version.heard(), clock.instant()));
    registry.tell(new SnapshotProtocol.Applied(Model.POLICY, version.version(), name));
  }

  private Behavior<Command> onGranted(Granted message) {
    state.granted(message.grant());
    return next();
  }

  /** A batch that could not be written is lent again when its lease runs out. */
  private Behavior<Command> onWritten(Written message) {
    state.written();
    Grant grant = message.grant();
    if (message.failure() != null) {
      getContext()
          .getLog()
          .warn("batch [{}] could not be written", grant.batchId(), message.failure());
      return next();
    }
    meters.rollouts.increment(message.rollouts().size());
    message.rollouts().forEach(rollout -> meters.tokens.increment(rollout.response().length()));
    Score score = new Score(grant.batchId(), grant.purpose(), message.rollouts(), replies);
    Delivery delivery = new Delivery(score);
    unanswered.put(score.batchId(), delivery);
    deliver(delivery);
    return next();
  }

  /** What is scored is done; what a scorer had no room for goes out with the timer. */
  private Behavior<Command> onAnswered(Answered message) {
    Delivery delivery = unanswered.get(message.reply().batchId());
    if (message.reply() instanceof Scored) {
      unanswered.remove(message.reply().batchId());
    } else if (delivery != null) {
      delivery.request.answered();
    }
    return next();
  }

  /** What waited for a scorer, or is with one that is gone, is delivered at once. */
  private Behavior<Command> onScorers(Scorers message) {
    scorers = List.copyOf(message.refs());
    for (Delivery delivery : unanswered.values()) {
      if (delivery.scorer == null || !scorers.contains(delivery.scorer)) {
        delivery.request.answered();
        deliver(delivery);
      }
    }
    return next();
  }

  /** By the batch's id: samplers that each counted for themselves would all go to the same one. */
  private void deliver(Delivery delivery) {
    if (!scorers.isEmpty() && delivery.request.send()) {
      long at = Math.floorMod(delivery.score.batchId() + turn, (long) scorers.size());
      delivery.scorer = scorers.get((int) at);
      delivery.scorer.tell(delivery.score);
    }
  }

  /**
   * Every question without an answer is asked again, which changes nothing if it was heard. Batches
   * go to the next scorer: the one before may be gone.
   */
  private Behavior<Command> onAskAgain() {
    follow();
    state.again();
    turn++;
    unanswered.values().forEach(delivery -> delivery.request.tick());
    unanswered.values().forEach(this::deliver);
    return next();
  }

  private void follow() {
    registry.tell(new SnapshotProtocol.Follow(Model.POLICY, published));
  }

  private Behavior<Command> onLeave(Leave message) {
    leaving = message;
    getContext()
        .ask(
            ExperienceProtocol.Left.class,
            buffer,
            settings.askAgain(),
            ref -> new ExperienceProtocol.Leave(grants, ref),
            (left, failure) -> new HandedBack(left == null ? 0 : left.returned()));
    return this;
  }

  private Behavior<Command> onHandedBack(HandedBack message) {
    getContext().getLog().info("[{}] leaves and hands back [{}] grants", name, message.grants());
    if (leaving != null) {
      leaving.replyTo().tell(Done.getInstance());
    }
    return Behaviors.stopped();
  }

  /**
   * The engine is closed when both threads have ended what they do. Writing is given up first: it
   * may be in native code, while loading may have a download to end.
   */
  private Behavior<Command> onPostStop() {
    writing.closeAfter(() -> loading.closeAfter(engine::close));
    return this;
  }

  /** Begins whatever is due. */
  private Behavior<Command> next() {
    if (leaving == null) {
      for (Optional<Due> due = due(); due.isPresent(); due = due()) {
        begin(due.get());
      }
    }
    meters.phase.is(state.phase(unanswered.size()));
    return this;
  }

  private Optional<Due> due() {
    return state.next(unanswered.size());
  }

  private void begin(Due due) {
    ActorContext<Command> ctx = getContext();
    if (due instanceof Fetch fetch) {
      ctx.pipeToSelf(
          loading.run(
              () -> {
                engine.fetch(fetch.news().snapshot());
                return Done.getInstance();
              }),
          (done, failure) -> new Fetched(fetch.news(), failure));
    } else if (due instanceof Load load) {
      double most = settings.gapAlarm();
      ctx.pipeToSelf(
          loading.run(() -> engine.load(load.candidate(), most)),
          (gap, failure) -> new Loaded(load.candidate(), gap == null ? 0 : gap, failure));
    } else if (due instanceof Write write) {
      ActorRef<Command> self = ctx.getSelf();
      ctx.pipeToSelf(
          writing.run(() -> rollouts(write.grant(), self)),
          (rollouts, failure) ->
              new Written(write.grant(), rollouts == null ? List.of() : rollouts, failure));
    } else if (due instanceof Ask ask) {
      buffer.tell(new Borrow(name, ask.version(), grants));
    } else {
      ctx.pipeToSelf(
          writing.run(engine::takeOver),
          (version, failure) ->
              new TookOver(version == null ? Optional.empty() : version, failure));
    }
  }

  private List<Rollout> rollouts(Grant grant, ActorRef<Command> self) {
    long start = System.nanoTime();
    List<Rollout> rollouts =
        engine.write(
            grant.purpose(),
            grant.prompts(),
            grant.responses(),
            version -> self.tell(new Swapped(version)));
    meters.generation.record(System.nanoTime() - start, TimeUnit.NANOSECONDS);
    return rollouts;
  }
}

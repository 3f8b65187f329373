package plaudit.sampling;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
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
import org.jspecify.annotations.Nullable;
import plaudit.experience.ExperienceProtocol;
import plaudit.experience.ExperienceProtocol.Borrow;
import plaudit.experience.ExperienceProtocol.Grant;
import plaudit.experience.Rollout;
import plaudit.model.ComputeThread;
import plaudit.model.ModelConfig;
import plaudit.model.TorchNet;
import plaudit.sampling.Pursuit.News;
import plaudit.sampling.Sampler.Command;
import plaudit.sampling.SamplerMeters.Phase;
import plaudit.scoring.ScoringProtocol;
import plaudit.scoring.ScoringProtocol.Score;
import plaudit.snapshots.Model;
import plaudit.snapshots.Snapshot;
import plaudit.snapshots.SnapshotFiles;
import plaudit.snapshots.SnapshotProtocol;

/**
 * Follows the policy, borrows prompts, writes responses and hands them to a scorer; keeps nothing
 * worth saving. It computes on a thread of its own; versions are fetched, read and checked
 * meanwhile on another, the newest only, and wait there ({@link Succession}). The sampler switches
 * between two batches, or between two tokens if it is told to ({@link InFlight}). At most {@code
 * unacknowledged} batches are with scorers at a time: a slow scorer slows the sampler.
 *
 * <p>What the registry said last is what counts, even if its version is lower: then the learner's
 * node died, and its successor went on from an earlier checkpoint. Such a version waits for the end
 * of the batch, and so does whatever follows it meanwhile: no response is of two lives of a policy.
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

  private record Loaded(Snapshot snapshot, double gap, @Nullable Throwable failure)
      implements Command {}

  private record TookOver(@Nullable Candidate version, @Nullable Throwable failure)
      implements Command {}

  private record Swapped(Candidate version) implements Command {}

  private record Granted(Grant grant) implements Command {}

  private record Written(Grant grant, List<Rollout> rollouts, @Nullable Throwable failure)
      implements Command {}

  private record Answered(ScoringProtocol.Reply reply) implements Command {}

  private record Scorers(Set<ActorRef<ScoringProtocol.Command>> refs) implements Command {}

  private enum AskAgain implements Command {
    INSTANCE
  }

  private final SamplerSettings settings;
  private final String name;
  private final ActorRef<ExperienceProtocol.Command> buffer;
  private final InstantSource clock;
  private final SamplerMeters meters;
  private final SnapshotFiles files;
  private final ActorRef<SnapshotProtocol.Command> registry;
  private final ComputeThread thread;
  private final ComputeThread fetcher;
  private final PolicyHolder policy;
  private final PolicyLoader loader;
  private final Succession succession = new Succession();
  private final ActorRef<Snapshot> published;
  private final ActorRef<Grant> grants;
  private final ActorRef<ScoringProtocol.Reply> replies;
  private final Pursuit pursuit = new Pursuit();
  private final Deliveries deliveries = new Deliveries();

  /**
   * Nearly always one at most. But who asks again, with a newer version or since the answer is
   * late, may get two answers, and one that was let fall would be missed until its lease runs out.
   */
  private final Deque<Grant> granted = new ArrayDeque<>();

  private @Nullable Leave leaving;
  private long loadedVersion = -1;

  private boolean computing;
  private boolean switching;

  /** Whether the buffer has a question: a second one would win work that others could begin now. */
  private boolean asked;

  /**
   * A sampler.
   *
   * @param name unique in the cluster
   * @param config the policy's architecture
   * @param reference makes the frozen reference, on the compute thread, when validation needs it
   * @param generation how responses are written
   */
  public static Behavior<Command> create(
      SamplerSettings settings,
      String name,
      ModelConfig config,
      Supplier<TorchNet> reference,
      Generation generation,
      SnapshotFiles files,
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
                        config,
                        reference,
                        generation,
                        files,
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
      ModelConfig config,
      Supplier<TorchNet> reference,
      Generation generation,
      SnapshotFiles files,
      ActorRef<ExperienceProtocol.Command> buffer,
      ActorRef<SnapshotProtocol.Command> registry,
      InstantSource clock,
      SamplerMeters meters) {
    super(ctx);
    this.settings = settings;
    this.name = name;
    this.files = files;
    this.buffer = buffer;
    this.registry = registry;
    this.clock = clock;
    this.meters = meters;
    this.thread = new ComputeThread("sampler-" + name);
    this.fetcher = new ComputeThread("fetch-" + name);
    this.loader =
        new PolicyLoader(config, settings.compute(), files, generation.task(), succession);
    ActorRef<Command> self = ctx.getSelf();
    this.policy =
        new PolicyHolder(
            config,
            reference,
            settings.compute(),
            generation,
            settings.inFlight(),
            succession,
            version -> self.tell(new Swapped(version)),
            meters);
    this.grants = ctx.messageAdapter(Grant.class, Granted::new);
    this.replies = ctx.messageAdapter(ScoringProtocol.Reply.class, Answered::new);
    this.published = ctx.messageAdapter(Snapshot.class, Published::new);
    follow();
    ctx.getSystem()
        .receptionist()
        .tell(
            Receptionist.subscribe(
                ScoringProtocol.KEY,
                ctx.messageAdapter(
                    Receptionist.Listing.class,
                    listing -> new Scorers(listing.getServiceInstances(ScoringProtocol.KEY)))));
    timers.startTimerWithFixedDelay(AskAgain.INSTANCE, settings.askAgain());
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
    pursuit.heard(message.snapshot(), clock.instant());
    fetch();
    if (pursuit.isFetching()) {
      meters.phase.is(phase());
      return this;
    }
    return next();
  }

  private Behavior<Command> onFetched(Fetched message) {
    if (message.failure() != null) {
      pursuit.notFetched();
      long version = message.news().snapshot().version();
      getContext().getLog().warn("policy [{}] could not be fetched", version, message.failure());
      return this; // tried again when the timer fires
    }
    pursuit.fetched(message.news());
    return next();
  }

  private Behavior<Command> onLoaded(Loaded message) {
    long version = message.snapshot().version();
    if (message.failure() != null) {
      pursuit.unusable();
      getContext().getLog().warn("policy [{}] could not be loaded", version, message.failure());
      return next();
    }
    pursuit.loaded();
    meters.gap.record(message.gap());
    if (message.gap() > settings.gapAlarm()) {
      pursuit.unusable();
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
    computing = false;
    switching = false;
    if (message.failure() != null) {
      throw new IllegalStateException("a policy could not be taken over", message.failure());
    }
    if (message.version() != null) {
      pursuit.tookOver(message.version().inFlight());
      serves(message.version());
    }
    return next();
  }

  /** In the middle of a batch. */
  private Behavior<Command> onSwapped(Swapped message) {
    serves(message.version());
    return this;
  }

  private void serves(Candidate version) {
    loadedVersion = version.version();
    asked = false;
    meters.version.set(loadedVersion);
    meters.loading.record(Duration.between(version.heard(), clock.instant()));
    registry.tell(new SnapshotProtocol.Applied(Model.POLICY, loadedVersion, name));
  }

  private Behavior<Command> onGranted(Granted message) {
    asked = false;
    granted.add(message.grant());
    return next();
  }

  private Behavior<Command> onWritten(Written message) {
    computing = false;
    Grant grant = message.grant();
    if (message.failure() != null) {
      getContext()
          .getLog()
          .warn("batch [{}] could not be written", grant.batchId(), message.failure());
      return next();
    }
    meters.rollouts.increment(message.rollouts().size());
    message.rollouts().forEach(rollout -> meters.tokens.increment(rollout.response().length()));
    deliveries.send(new Score(grant.batchId(), grant.purpose(), message.rollouts(), replies));
    return next();
  }

  private Behavior<Command> onAnswered(Answered message) {
    if (message.reply() instanceof ScoringProtocol.Scored scored) {
      deliveries.acknowledged(scored.batchId());
    }
    return next();
  }

  private Behavior<Command> onScorers(Scorers message) {
    deliveries.scorers(message.refs());
    return next();
  }

  /** Everything that waits for an answer is asked again: questions are idempotent. */
  private Behavior<Command> onAskAgain() {
    pursuit.again();
    follow();
    asked = false;
    deliveries.again();
    return next();
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

  private Behavior<Command> onPostStop() {
    fetcher.closeAfter(loader::close);
    thread.closeAfter(policy::close);
    return this;
  }

  private void follow() {
    registry.tell(new SnapshotProtocol.Follow(Model.POLICY, published));
  }

  private Behavior<Command> next() {
    Behavior<Command> same = go();
    meters.phase.is(phase());
    return same;
  }

  private Phase phase() {
    if (computing && !switching) {
      return Phase.GENERATING;
    }
    if (switching || pursuit.isLoading()) {
      return Phase.LOADING;
    }
    if (pursuit.isFetching()) {
      return Phase.FETCHING;
    }
    return deliveries.size() == 0 ? Phase.IDLE : Phase.DELIVERING;
  }

  /** Load, switch, write or ask: whatever is due and a thread is free for. */
  private Behavior<Command> go() {
    if (leaving != null) {
      return this;
    }
    fetch();
    load();
    if (computing || (pursuit.isLoading() && !mayTakeOverInFlight())) {
      return this;
    }
    if (succession.isWaiting()) {
      computing = true;
      switching = true;
      getContext()
          .pipeToSelf(
              thread.run(policy::takeOver),
              (version, failure) ->
                  new TookOver(version == null ? null : version.orElse(null), failure));
    } else if (!granted.isEmpty() && loadedVersion >= 0) {
      Grant grant = granted.remove();
      computing = true;
      getContext()
          .pipeToSelf(
              thread.run(() -> write(grant)),
              (rollouts, failure) ->
                  new Written(grant, rollouts == null ? List.of() : rollouts, failure));
    } else if (!asked && loadedVersion >= 0 && deliveries.size() < settings.unacknowledged()) {
      asked = true;
      buffer.tell(new Borrow(name, loadedVersion, grants));
    }
    return this;
  }

  /** Else nothing is begun while a version is loaded, which takes a moment. */
  private boolean mayTakeOverInFlight() {
    return settings.inFlight() != InFlight.OFF && !pursuit.wentBack();
  }

  private void fetch() {
    pursuit
        .fetch()
        .ifPresent(
            target ->
                getContext()
                    .pipeToSelf(
                        fetcher.run(() -> files.fetch(target.snapshot())),
                        (file, failure) -> new Fetched(target, failure)));
  }

  private void load() {
    boolean inFlight = mayTakeOverInFlight();
    double most = settings.gapAlarm();
    pursuit
        .load()
        .ifPresent(
            target ->
                getContext()
                    .pipeToSelf(
                        fetcher.run(
                            () -> loader.load(target.snapshot(), target.heard(), inFlight, most)),
                        (gap, failure) ->
                            new Loaded(target.snapshot(), gap == null ? 0 : gap, failure)));
  }

  private List<Rollout> write(Grant grant) {
    long start = System.nanoTime();
    List<Rollout> rollouts = policy.write(grant.purpose(), grant.prompts(), grant.responses());
    meters.generation.record(System.nanoTime() - start, TimeUnit.NANOSECONDS);
    return rollouts;
  }
}

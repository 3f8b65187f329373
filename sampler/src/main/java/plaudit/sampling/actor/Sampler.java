package plaudit.sampling.actor;

import java.time.InstantSource;
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
import org.jspecify.annotations.Nullable;
import plaudit.experience.actor.ExperienceProtocol;
import plaudit.experience.actor.ExperienceProtocol.Borrow;
import plaudit.experience.actor.ExperienceProtocol.Grant;
import plaudit.model.ModelConfig;
import plaudit.model.TorchNet;
import plaudit.sampling.Candidate;
import plaudit.sampling.Generation;
import plaudit.sampling.InFlight;
import plaudit.sampling.PendingWeights;
import plaudit.sampling.PolicyHolder;
import plaudit.sampling.PolicyLoader;
import plaudit.sampling.SamplerMeters;
import plaudit.sampling.SamplerMeters.Phase;
import plaudit.sampling.SamplerSettings;
import plaudit.sampling.SamplerState;
import plaudit.sampling.SamplerState.Due;
import plaudit.sampling.actor.BatchWriter.Swapped;
import plaudit.sampling.actor.BatchWriter.TookOver;
import plaudit.sampling.actor.BatchWriter.Written;
import plaudit.sampling.actor.Deliveries.Answered;
import plaudit.sampling.actor.Deliveries.Scorers;
import plaudit.sampling.actor.PolicyFollower.Fetched;
import plaudit.sampling.actor.PolicyFollower.Loaded;
import plaudit.sampling.actor.PolicyFollower.Published;
import plaudit.sampling.actor.Sampler.Command;
import plaudit.snapshots.SnapshotFiles;
import plaudit.snapshots.actor.SnapshotProtocol;

/**
 * Follows the policy, borrows prompts, writes responses and hands them to a scorer; keeps nothing
 * worth saving. It computes on a thread of its own ({@link BatchWriter}); versions are fetched,
 * read and checked meanwhile on another, the newest only ({@link PolicyFollower}), and wait there
 * ({@link PendingWeights}). The sampler switches between two batches, or between two tokens if it
 * is told to ({@link InFlight}). At most {@code unacknowledged} batches are with scorers at a time
 * ({@link Deliveries}): a slow scorer slows the sampler. What comes next, {@link SamplerState}
 * says.
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
  public sealed interface Command extends NoSerializationVerificationNeeded
      permits Leave,
          HandedBack,
          Granted,
          AskAgain,
          PolicyFollower.Message,
          BatchWriter.Message,
          Deliveries.Message {}

  /** The node is about to go: the sampler hands back its work and ends. */
  public record Leave(ActorRef<Done> replyTo) implements Command {}

  private record HandedBack(int grants) implements Command {}

  private record Granted(Grant grant) implements Command {}

  private enum AskAgain implements Command {
    INSTANCE
  }

  private final SamplerSettings settings;
  private final String name;
  private final ActorRef<ExperienceProtocol.Command> buffer;
  private final SamplerMeters meters;
  private final PendingWeights succession;
  private final PolicyFollower follower;
  private final BatchWriter writer;
  private final Deliveries deliveries;
  private final ActorRef<Grant> grants;
  private final SamplerState agenda;

  private @Nullable Leave leaving;

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
        ctx -> {
          ActorRef<Command> self = ctx.getSelf();
          PendingWeights succession = new PendingWeights();
          PolicyLoader loader =
              new PolicyLoader(config, settings.compute(), files, generation.task(), succession);
          PolicyHolder holder =
              new PolicyHolder(
                  config,
                  reference,
                  settings.compute(),
                  generation,
                  settings.inFlight(),
                  succession,
                  version -> self.tell(new Swapped(version)),
                  meters);
          return Behaviors.withTimers(
              timers ->
                  new Sampler(
                      ctx,
                      timers,
                      settings,
                      name,
                      buffer,
                      succession,
                      new PolicyFollower(
                          ctx, settings, name, files, loader, registry, clock, meters),
                      new BatchWriter(ctx, name, holder, meters),
                      meters));
        });
  }

  private Sampler(
      ActorContext<Command> ctx,
      TimerScheduler<Command> timers,
      SamplerSettings settings,
      String name,
      ActorRef<ExperienceProtocol.Command> buffer,
      PendingWeights succession,
      PolicyFollower follower,
      BatchWriter writer,
      SamplerMeters meters) {
    super(ctx);
    this.settings = settings;
    this.name = name;
    this.buffer = buffer;
    this.succession = succession;
    this.follower = follower;
    this.writer = writer;
    this.meters = meters;
    this.deliveries = new Deliveries(ctx);
    this.grants = ctx.messageAdapter(Grant.class, Granted::new);
    this.agenda = new SamplerState(settings.unacknowledged());
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
    follower.onPublished(message);
    if (follower.isFetching()) {
      meters.phase.is(phase());
      return this;
    }
    return next();
  }

  private Behavior<Command> onFetched(Fetched message) {
    return follower.onFetched(message) ? next() : this;
  }

  private Behavior<Command> onLoaded(Loaded message) {
    follower.onLoaded(message);
    return next();
  }

  private Behavior<Command> onTookOver(TookOver message) {
    agenda.tookOver();
    if (message.failure() != null) {
      throw new IllegalStateException("a policy could not be taken over", message.failure());
    }
    if (message.version() != null) {
      follower.tookOver(message.version());
      uses(message.version());
    }
    return next();
  }

  /** In the middle of a batch. */
  private Behavior<Command> onSwapped(Swapped message) {
    uses(message.version());
    return this;
  }

  private void uses(Candidate version) {
    agenda.uses(version.version());
    follower.uses(version);
  }

  private Behavior<Command> onGranted(Granted message) {
    agenda.granted(message.grant());
    return next();
  }

  private Behavior<Command> onWritten(Written message) {
    agenda.written();
    if (writer.onWritten(message)) {
      deliveries.send(message.grant(), message.rollouts());
    }
    return next();
  }

  private Behavior<Command> onAnswered(Answered message) {
    deliveries.onAnswered(message);
    return next();
  }

  private Behavior<Command> onScorers(Scorers message) {
    deliveries.onScorers(message);
    return next();
  }

  /** Everything that waits for an answer is asked again: questions are idempotent. */
  private Behavior<Command> onAskAgain() {
    follower.again();
    agenda.again();
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
    follower.close();
    writer.close();
    return this;
  }

  /** Load, switch, write or ask: whatever is due and a thread is free for. */
  private Behavior<Command> next() {
    if (leaving == null) {
      follower.go();
      if (!follower.holdsUp()) {
        agenda.next(succession.isWaiting(), deliveries.size()).ifPresent(this::begin);
      }
    }
    meters.phase.is(phase());
    return this;
  }

  private Phase phase() {
    if (agenda.isWriting()) {
      return Phase.GENERATING;
    }
    if (agenda.isTakingOver() || follower.isLoading()) {
      return Phase.LOADING;
    }
    if (follower.isFetching()) {
      return Phase.FETCHING;
    }
    return deliveries.size() == 0 ? Phase.IDLE : Phase.DELIVERING;
  }

  private void begin(Due due) {
    if (due instanceof SamplerState.Write write) {
      writer.write(write.grant());
    } else if (due instanceof SamplerState.Ask ask) {
      buffer.tell(new Borrow(name, ask.version(), grants));
    } else {
      writer.takeOver();
    }
  }
}

package plaudit.lab.bench;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.pekko.actor.NoSerializationVerificationNeeded;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.Terminated;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.apache.pekko.actor.typed.receptionist.Receptionist;
import org.apache.pekko.actor.typed.receptionist.ServiceKey;
import org.jspecify.annotations.Nullable;
import plaudit.experience.Grant;
import plaudit.experience.actor.ExperienceProtocol;
import plaudit.experience.actor.ExperienceProtocol.Borrow;
import plaudit.scoring.actor.ScoringProtocol;
import plaudit.scoring.actor.ScoringProtocol.Score;
import plaudit.snapshots.Model;
import plaudit.snapshots.Snapshot;
import plaudit.snapshots.actor.SnapshotProtocol;

/**
 * Says what a sampler says and writes nothing: follows the policy, takes its time to load a
 * version, borrows, takes its time to write, and hands over to whichever scorer is next.
 */
final class StubSampler extends AbstractBehavior<StubSampler.Command> {

  sealed interface Command extends NoSerializationVerificationNeeded {}

  private record Published(Snapshot snapshot) implements Command {}

  private record Loaded(Snapshot snapshot, Timings.Watch watch) implements Command {}

  private record Granted(Grant grant) implements Command {}

  private record Written(Grant grant, Timings.Watch watch) implements Command {}

  private record Answered(ScoringProtocol.Reply reply) implements Command {}

  private record Scorers(List<ActorRef<ScoringProtocol.Command>> refs) implements Command {}

  private enum AskAgain implements Command {
    INSTANCE
  }

  private static final Duration ASK_AGAIN = Duration.ofSeconds(2);

  private final String name;
  private final Pace pace;
  private final ActorRef<ExperienceProtocol.Command> buffer;
  private final ActorRef<SnapshotProtocol.Command> registry;
  private final TimerScheduler<Command> timers;
  private final Timings timings;
  private final ActorRef<Snapshot> published;
  private final ActorRef<Grant> grants;
  private final ActorRef<ScoringProtocol.Reply> replies;
  private final Map<Long, Score> unanswered = new HashMap<>();

  private List<ActorRef<ScoringProtocol.Command>> scorers = List.of();
  private @Nullable Snapshot newest;
  private final Deque<Grant> granted = new ArrayDeque<>();
  private long loadedVersion = -1;
  private boolean computing;
  private boolean asked;
  private int turn;

  /** How long a sampler takes. */
  interface Pace {
    /** To load a version. */
    Duration loading();

    /** To write so many responses, this time. */
    Duration writing(int responses);

    /** Responses of a full grant. */
    int grant();

    /** Grants that may be with scorers while the next is written. */
    int unacknowledged();
  }

  /** A sampler, which ends with the buffer. */
  static Behavior<Command> create(
      String name,
      Pace pace,
      ServiceKey<ScoringProtocol.Command> key,
      ActorRef<ExperienceProtocol.Command> buffer,
      ActorRef<SnapshotProtocol.Command> registry,
      Timings timings) {
    return Behaviors.setup(
        ctx ->
            Behaviors.withTimers(
                timers ->
                    new StubSampler(ctx, timers, name, pace, key, buffer, registry, timings)));
  }

  private StubSampler(
      ActorContext<Command> ctx,
      TimerScheduler<Command> timers,
      String name,
      Pace pace,
      ServiceKey<ScoringProtocol.Command> key,
      ActorRef<ExperienceProtocol.Command> buffer,
      ActorRef<SnapshotProtocol.Command> registry,
      Timings timings) {
    super(ctx);
    this.timers = timers;
    this.name = name;
    this.pace = pace;
    this.buffer = buffer;
    this.registry = registry;
    this.timings = timings;
    this.published = ctx.messageAdapter(Snapshot.class, Published::new);
    this.grants = ctx.messageAdapter(Grant.class, Granted::new);
    this.replies = ctx.messageAdapter(ScoringProtocol.Reply.class, Answered::new);
    ctx.watch(buffer);
    ctx.getSystem()
        .receptionist()
        .tell(
            Receptionist.subscribe(
                key,
                ctx.messageAdapter(
                    Receptionist.Listing.class,
                    listing -> new Scorers(List.copyOf(listing.getServiceInstances(key))))));
    timers.startTimerWithFixedDelay(AskAgain.INSTANCE, ASK_AGAIN);
    follow();
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Published.class, this::onPublished)
        .onMessage(Loaded.class, this::onLoaded)
        .onMessage(Granted.class, this::onGranted)
        .onMessage(Written.class, this::onWritten)
        .onMessage(Answered.class, this::onAnswered)
        .onMessage(Scorers.class, this::onScorers)
        .onMessageEquals(AskAgain.INSTANCE, this::onAskAgain)
        .onSignal(Terminated.class, signal -> Behaviors.stopped())
        .build();
  }

  private Behavior<Command> onPublished(Published message) {
    newest = message.snapshot();
    return next();
  }

  private Behavior<Command> onLoaded(Loaded message) {
    computing = false;
    message.watch().stop();
    loadedVersion = message.snapshot().version();
    asked = false;
    registry.tell(new SnapshotProtocol.Applied(Model.POLICY, loadedVersion, name));
    return next();
  }

  private Behavior<Command> onGranted(Granted message) {
    asked = false;
    granted.add(message.grant());
    return next();
  }

  private Behavior<Command> onWritten(Written message) {
    computing = false;
    message.watch().stop();
    Grant grant = message.grant();
    Score score =
        new Score(grant.batchId(), grant.purpose(), Payload.write(grant, loadedVersion), replies);
    unanswered.put(grant.batchId(), score);
    send(score);
    return next();
  }

  private Behavior<Command> onAnswered(Answered message) {
    if (message.reply() instanceof ScoringProtocol.Scored scored) {
      unanswered.remove(scored.batchId());
    }
    return next();
  }

  private Behavior<Command> onScorers(Scorers message) {
    boolean first = scorers.isEmpty();
    scorers = message.refs();
    if (first) {
      unanswered.values().forEach(this::send);
    }
    return next();
  }

  private Behavior<Command> onAskAgain() {
    follow();
    asked = false;
    turn++;
    unanswered.values().forEach(this::send);
    return next();
  }

  private void follow() {
    registry.tell(new SnapshotProtocol.Follow(Model.POLICY, published));
  }

  private Behavior<Command> next() {
    if (computing) {
      return this;
    }
    Snapshot target = newest;
    if (target != null && target.version() != loadedVersion) {
      computing = true;
      Timings.Watch watch = timings.start(Timings.Stage.LOADING, 1);
      timers.startSingleTimer(new Loaded(target, watch), pace.loading());
    } else if (!granted.isEmpty() && loadedVersion >= 0) {
      Grant grant = granted.remove();
      computing = true;
      int responses = grant.prompts().size() * grant.responses();
      Timings.Watch watch = timings.start(Timings.Stage.WRITING, (double) responses / pace.grant());
      timers.startSingleTimer(new Written(grant, watch), pace.writing(responses));
    } else if (!asked && loadedVersion >= 0 && unanswered.size() < pace.unacknowledged()) {
      asked = true;
      buffer.tell(new Borrow(name, loadedVersion, grants));
    }
    return this;
  }

  private void send(Score score) {
    if (!scorers.isEmpty()) {
      scorers.get((int) Math.floorMod(score.batchId() + turn, (long) scorers.size())).tell(score);
    }
  }
}

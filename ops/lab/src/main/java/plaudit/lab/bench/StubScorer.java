package plaudit.lab.bench;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;
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
import plaudit.experience.OfferReply;
import plaudit.experience.actor.ExperienceProtocol;
import plaudit.experience.actor.ExperienceProtocol.Offer;
import plaudit.scoring.actor.ScoringProtocol;
import plaudit.scoring.actor.ScoringProtocol.Score;
import plaudit.scoring.actor.ScoringProtocol.Scored;

/**
 * Says what a scorer says and scores nothing: one batch at a time, each for as long as scoring
 * takes, then to the buffer, and the sampler hears when that has answered.
 */
final class StubScorer extends AbstractBehavior<ScoringProtocol.Command> {

  private interface Private extends ScoringProtocol.Command, NoSerializationVerificationNeeded {}

  private record Judged(Score batch, Timings.Watch watch) implements Private {}

  private record Offered(Score batch, boolean answered) implements Private {}

  private static final Duration RETRY = Duration.ofSeconds(5);

  private final Duration grantTime;
  private final int grant;
  private final ActorRef<ExperienceProtocol.Command> buffer;
  private final Timings timings;
  private final TimerScheduler<ScoringProtocol.Command> timers;
  private final Deque<Score> queue = new ArrayDeque<>();
  private final Set<Long> known = new HashSet<>();
  private boolean computing;

  /**
   * A scorer, which ends with the buffer.
   *
   * @param grantTime how long {@code grant} responses take
   */
  static Behavior<ScoringProtocol.Command> create(
      Duration grantTime,
      int grant,
      ServiceKey<ScoringProtocol.Command> key,
      ActorRef<ExperienceProtocol.Command> buffer,
      Timings timings) {
    return Behaviors.setup(
        ctx ->
            Behaviors.withTimers(
                timers -> new StubScorer(ctx, timers, grantTime, grant, key, buffer, timings)));
  }

  private StubScorer(
      ActorContext<ScoringProtocol.Command> ctx,
      TimerScheduler<ScoringProtocol.Command> timers,
      Duration grantTime,
      int grant,
      ServiceKey<ScoringProtocol.Command> key,
      ActorRef<ExperienceProtocol.Command> buffer,
      Timings timings) {
    super(ctx);
    this.timers = timers;
    this.grantTime = grantTime;
    this.grant = grant;
    this.buffer = buffer;
    this.timings = timings;
    ctx.watch(buffer);
    ctx.getSystem().receptionist().tell(Receptionist.register(key, ctx.getSelf()));
  }

  @Override
  public Receive<ScoringProtocol.Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Score.class, this::onScore)
        .onMessage(Judged.class, this::onJudged)
        .onMessage(Offered.class, this::onOffered)
        .onSignal(Terminated.class, signal -> Behaviors.stopped())
        .build();
  }

  private Behavior<ScoringProtocol.Command> onScore(Score batch) {
    if (known.add(batch.batchId())) {
      queue.add(batch);
    }
    return next();
  }

  private Behavior<ScoringProtocol.Command> onJudged(Judged message) {
    computing = false;
    message.watch().stop();
    offer(message.batch());
    return next();
  }

  private Behavior<ScoringProtocol.Command> onOffered(Offered message) {
    if (message.answered()) {
      known.remove(message.batch().batchId());
      message.batch().replyTo().tell(new Scored(message.batch().batchId()));
    } else {
      offer(message.batch());
    }
    return this;
  }

  private Behavior<ScoringProtocol.Command> next() {
    if (!computing && !queue.isEmpty()) {
      Score batch = queue.remove();
      computing = true;
      long nanos = grantTime.toNanos() * batch.rollouts().size() / grant;
      Timings.Watch watch =
          timings.start(Timings.Stage.SCORING, (double) batch.rollouts().size() / grant);
      timers.startSingleTimer(new Judged(batch, watch), Duration.ofNanos(nanos));
    }
    return this;
  }

  private void offer(Score batch) {
    getContext()
        .ask(
            OfferReply.class,
            buffer,
            RETRY,
            ref -> new Offer(batch.batchId(), Payload.score(batch.rollouts()), ref),
            (reply, failure) -> new Offered(batch, failure == null));
  }
}

package plaudit.lab.bench;

import java.time.Duration;
import org.apache.pekko.actor.NoSerializationVerificationNeeded;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import plaudit.experience.Batch;
import plaudit.experience.actor.ExperienceProtocol;
import plaudit.experience.actor.ExperienceProtocol.TakeBatch;
import plaudit.snapshots.Lineage.PublishReply;
import plaudit.snapshots.Model;
import plaudit.snapshots.actor.SnapshotProtocol;
import plaudit.snapshots.actor.SnapshotProtocol.Publish;

/**
 * Says what the policy learner says and learns nothing: it takes a batch, waits as long as an
 * update takes, publishes the next version, and goes on when the registry has it.
 */
final class StubLearner extends AbstractBehavior<StubLearner.Command> {

  sealed interface Command extends NoSerializationVerificationNeeded {}

  private record Taken(Batch batch) implements Command {}

  private record Learnt(Batch batch, Timings.Watch watch) implements Command {}

  private record Published(PublishReply reply) implements Command {}

  private final int size;
  private final Duration update;
  private final ActorRef<ExperienceProtocol.Command> buffer;
  private final ActorRef<SnapshotProtocol.Command> registry;
  private final TimerScheduler<Command> timers;
  private final ThroughputRecorder tape;
  private final Timings timings;
  private final Runnable enough;
  private final ActorRef<Batch> batches;
  private final ActorRef<PublishReply> answers;
  private long version;

  /**
   * A learner.
   *
   * @param size of a batch
   * @param update how long one takes, publishing included
   * @param tape belongs to this actor until {@code enough} is called
   */
  static Behavior<Command> create(
      int size,
      Duration update,
      ActorRef<ExperienceProtocol.Command> buffer,
      ActorRef<SnapshotProtocol.Command> registry,
      ThroughputRecorder tape,
      Timings timings,
      Runnable enough) {
    return Behaviors.setup(
        ctx ->
            Behaviors.withTimers(
                timers ->
                    new StubLearner(
                        ctx, timers, size, update, buffer, registry, tape, timings, enough)));
  }

  private StubLearner(
      ActorContext<Command> ctx,
      TimerScheduler<Command> timers,
      int size,
      Duration update,
      ActorRef<ExperienceProtocol.Command> buffer,
      ActorRef<SnapshotProtocol.Command> registry,
      ThroughputRecorder tape,
      Timings timings,
      Runnable enough) {
    super(ctx);
    this.timers = timers;
    this.size = size;
    this.update = update;
    this.buffer = buffer;
    this.registry = registry;
    this.tape = tape;
    this.timings = timings;
    this.enough = enough;
    this.batches = ctx.messageAdapter(Batch.class, Taken::new);
    this.answers = ctx.messageAdapter(PublishReply.class, Published::new);
    publish();
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Taken.class, this::onTaken)
        .onMessage(Learnt.class, this::onLearnt)
        .onMessage(Published.class, this::onPublished)
        .build();
  }

  private Behavior<Command> onTaken(Taken message) {
    if (message.batch().version() == version) {
      timers.startSingleTimer(
          new Learnt(message.batch(), timings.start(Timings.Stage.UPDATE, 1)), update);
    }
    return this;
  }

  private Behavior<Command> onLearnt(Learnt message) {
    version++;
    message.watch().stop();
    if (tape.add(System.nanoTime() / 1e9, message.batch())) {
      enough.run();
      return Behaviors.stopped();
    }
    publish();
    return this;
  }

  private Behavior<Command> onPublished(Published message) {
    if (message.reply() instanceof PublishReply.Accepted) {
      buffer.tell(new TakeBatch(version, size, batches));
    }
    return this;
  }

  private void publish() {
    registry.tell(new Publish(Versions.of(Model.POLICY, version), answers));
  }
}

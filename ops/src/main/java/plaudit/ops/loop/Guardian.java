package plaudit.ops.loop;

import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import org.apache.pekko.actor.NoSerializationVerificationNeeded;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.ChildFailed;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.SupervisorStrategy;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import plaudit.experience.ExperienceBuffer;
import plaudit.experience.ExperienceMeters;
import plaudit.experience.ExperienceProtocol;
import plaudit.gateway.store.LabelDesk;
import plaudit.labels.LabelStore;
import plaudit.ops.loop.Guardian.Command;
import plaudit.policy.PolicyLearner;
import plaudit.policy.PolicyLearner.Ended;
import plaudit.policy.PolicyMeters;
import plaudit.reward.RewardLearner;
import plaudit.reward.RewardMeters;
import plaudit.sampling.Sampler;
import plaudit.sampling.SamplerMeters;
import plaudit.scoring.Scorer;
import plaudit.scoring.ScorerMeters;
import plaudit.scoring.ScoringProtocol;
import plaudit.snapshots.SnapshotProtocol;
import plaudit.snapshots.SnapshotRegistry;

/**
 * The system on one screen: three places, four workers. Workers restart when they fail, since all
 * that matters is in a place; a learner that fails ends the run, which goes on from its checkpoint.
 */
final class Guardian extends AbstractBehavior<Command> {

  sealed interface Command extends NoSerializationVerificationNeeded {}

  /** Ends the run with a checkpoint. */
  enum Stop implements Command {
    INSTANCE
  }

  private record LearnerEnded(Ended ended) implements Command {}

  private final CompletableFuture<Ended> end;
  private final ActorRef<PolicyLearner.Command> learner;
  private final ActorRef<Ended> ended;

  /**
   * The whole system.
   *
   * @param end completed when the policy learner has made its last checkpoint, or failed
   */
  static Behavior<Command> create(RunParts parts, CompletableFuture<Ended> end) {
    return Behaviors.setup(ctx -> new Guardian(ctx, parts, end));
  }

  private Guardian(ActorContext<Command> ctx, RunParts parts, CompletableFuture<Ended> end) {
    super(ctx);
    this.end = end;
    this.ended = ctx.messageAdapter(Ended.class, LearnerEnded::new);

    ActorRef<SnapshotProtocol.Command> registry =
        ctx.spawn(SnapshotRegistry.create(parts.recovered()), "snapshots");
    ActorRef<ExperienceProtocol.Command> buffer =
        ctx.spawn(
            ExperienceBuffer.create(
                parts.experience(),
                parts.decks(),
                registry,
                InstantSource.system(),
                new ExperienceMeters(parts.meters())),
            "experience");
    ActorRef<LabelStore.Command> labels =
        ctx.spawn(
            worker(LabelDesk.create(parts.labels())),
            "labels",
            DispatcherSelector.fromConfig(LabelDesk.DISPATCHER));

    ActorRef<ScoringProtocol.Command> scorer =
        ctx.spawn(
            worker(
                Scorer.create(
                    parts.scorer(),
                    parts.questions(),
                    parts::scoring,
                    parts.files(),
                    buffer,
                    labels,
                    registry,
                    new ScorerMeters(parts.meters()))),
            "scorer");
    ctx.getLog().info("scorer [{}] started", scorer.path());
    ctx.spawn(
        worker(
            Sampler.create(
                parts.sampler(),
                "sampler-1",
                parts.model(),
                parts::reference,
                parts.generation(),
                parts.files(),
                buffer,
                registry,
                InstantSource.system(),
                new SamplerMeters(parts.meters()))),
        "sampler");

    ActorRef<RewardLearner.Command> rewardLearner =
        ctx.spawn(
            RewardLearner.create(
                parts.labelSchedule(),
                parts::rewardTrainer,
                parts.rewardTrainings(),
                labels,
                buffer,
                registry,
                new RewardMeters(parts.meters()),
                parts.feed()),
            "reward-learner");
    this.learner =
        ctx.spawn(
            PolicyLearner.create(
                parts.ppo(),
                parts::policyTrainer,
                parts.checkpoint().isPresent(),
                parts.checkpoints(),
                parts.files(),
                buffer,
                registry,
                new PolicyMeters(parts.meters()),
                parts.feed(),
                ended),
            "policy-learner");
    ctx.watch(learner);
    ctx.watch(rewardLearner);
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessageEquals(Stop.INSTANCE, this::onStop)
        .onMessage(LearnerEnded.class, this::onLearnerEnded)
        .onSignal(ChildFailed.class, this::onFailure)
        .onSignal(org.apache.pekko.actor.typed.Terminated.class, signal -> this)
        .build();
  }

  private Behavior<Command> onStop() {
    learner.tell(new PolicyLearner.Stop(ended));
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

  private static <T> Behavior<T> worker(Behavior<T> behavior) {
    return Behaviors.supervise(behavior)
        .onFailure(
            SupervisorStrategy.restartWithBackoff(
                java.time.Duration.ofMillis(200), java.time.Duration.ofSeconds(10), 0.2));
  }
}

package plaudit.node;

import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import org.apache.pekko.Done;
import org.apache.pekko.actor.NoSerializationVerificationNeeded;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.ChildFailed;
import org.apache.pekko.actor.typed.SupervisorStrategy;
import org.apache.pekko.actor.typed.Terminated;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.Routers;
import org.apache.pekko.actor.typed.receptionist.Receptionist;
import org.apache.pekko.actor.typed.receptionist.ServiceKey;
import org.apache.pekko.cluster.typed.Cluster;
import org.jspecify.annotations.Nullable;
import plaudit.experience.actor.ExperienceProtocol;
import plaudit.gateway.actor.LabelStoreActor;
import plaudit.gateway.store.JdbcLabels;
import plaudit.labels.actor.LabelStore;
import plaudit.node.Guardian.Command;
import plaudit.node.config.Role;
import plaudit.parallel.actor.GradientHelper;
import plaudit.policy.actor.PolicyLearner.Ended;
import plaudit.sampling.actor.Sampler;
import plaudit.scoring.actor.Scorer;
import plaudit.scoring.actor.ScoringProtocol;
import plaudit.snapshots.actor.SnapshotProtocol;

/**
 * One node on one screen: starts what its roles say. With all roles in one process this is the
 * whole system. Workers find the places wherever they are in the cluster, and restart when they
 * fail, since all that matters is in a place.
 */
final class Guardian extends AbstractBehavior<Command> {

  sealed interface Command extends NoSerializationVerificationNeeded {}

  /** Ends the run with a checkpoint; for the learner's node. */
  enum Stop implements Command {
    INSTANCE
  }

  /** The node is about to leave: its sampler hands back what it holds. */
  record HandBack(ActorRef<Done> replyTo) implements Command {}

  private static final Duration RESTART_AFTER = Duration.ofMillis(200);
  private static final Duration RESTART_AFTER_AT_MOST = Duration.ofSeconds(10);

  private final CompletableFuture<Ended> end;
  private @Nullable ActorRef<LearnerRole.Command> learner;
  private @Nullable ActorRef<Sampler.Command> sampler;

  /**
   * A node.
   *
   * @param end completed when this node's policy learner has made its last checkpoint, or failed
   */
  static Behavior<Command> create(NodeParts parts, CompletableFuture<Ended> end) {
    return Behaviors.setup(ctx -> new Guardian(ctx, parts, end));
  }

  private Guardian(ActorContext<Command> ctx, NodeParts parts, CompletableFuture<Ended> end) {
    super(ctx);
    this.end = end;
    ActorRef<ExperienceProtocol.Command> buffer = towards(ExperienceProtocol.KEY);
    ActorRef<SnapshotProtocol.Command> registry = towards(SnapshotProtocol.KEY);
    ActorRef<LabelStore.Command> labels = towards(LabelStore.KEY);

    parts.gateway.ifPresent(gateway -> startLabelStore(gateway.labels()));
    parts.learner.ifPresent(
        run -> {
          learner = ctx.spawn(LearnerRole.create(run, labels, end), "learner");
          ctx.watch(learner);
        });
    parts.worker.ifPresent(
        worker -> {
          if (parts.roles.contains(Role.SCORER)) {
            startScorer(worker, buffer, labels, registry);
          }
          if (parts.roles.contains(Role.SAMPLER)) {
            startSampler(worker, buffer, registry);
          }
          if (parts.roles.contains(Role.HELPER)) {
            startHelper(worker);
          }
        });
  }

  private void startLabelStore(JdbcLabels labels) {
    ActorRef<LabelStore.Command> store =
        getContext().spawn(restarting(LabelStoreActor.create(labels)), "labels");
    getContext().getSystem().receptionist().tell(Receptionist.register(LabelStore.KEY, store));
  }

  private void startScorer(
      WorkerParts parts,
      ActorRef<ExperienceProtocol.Command> buffer,
      ActorRef<LabelStore.Command> labels,
      ActorRef<SnapshotProtocol.Command> registry) {
    getContext()
        .spawn(
            restarting(
                Scorer.create(
                    parts.scorer(),
                    parts.questions(),
                    parts::scoringEngine,
                    ScoringProtocol.KEY,
                    buffer,
                    labels,
                    registry,
                    InstantSource.system(),
                    parts.scorerMeters())),
            "scorer");
  }

  private void startSampler(
      WorkerParts parts,
      ActorRef<ExperienceProtocol.Command> buffer,
      ActorRef<SnapshotProtocol.Command> registry) {
    String name = Cluster.get(getContext().getSystem()).selfMember().address().hostPort();
    sampler =
        getContext()
            .spawn(
                restarting(
                    Sampler.create(
                        parts.sampler(),
                        name,
                        parts::policyEngine,
                        ScoringProtocol.KEY,
                        buffer,
                        registry,
                        InstantSource.system(),
                        parts.samplerMeters())),
                "sampler");
  }

  private void startHelper(WorkerParts parts) {
    getContext()
        .spawn(
            restarting(
                GradientHelper.create(
                    parts::backward, parts.files().transfers(), parts.helperMeters())),
            "helper");
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessageEquals(Stop.INSTANCE, this::onStop)
        .onMessage(HandBack.class, this::onHandBack)
        .onSignal(ChildFailed.class, this::onFailure)
        .onSignal(Terminated.class, signal -> this)
        .build();
  }

  private Behavior<Command> onStop() {
    if (learner != null) {
      learner.tell(LearnerRole.Stop.INSTANCE);
    }
    return this;
  }

  private Behavior<Command> onHandBack(HandBack message) {
    if (sampler == null) {
      message.replyTo().tell(Done.getInstance());
    } else {
      sampler.tell(new Sampler.Leave(message.replyTo()));
    }
    return this;
  }

  private Behavior<Command> onFailure(ChildFailed failed) {
    end.completeExceptionally(failed.cause());
    return this;
  }

  /**
   * The way to a place, wherever it is in the cluster: messages go to the actor that is registered
   * and reachable. While there is none they are lost, and askers ask again.
   */
  private <T> ActorRef<T> towards(ServiceKey<T> key) {
    return getContext().spawn(Routers.group(key).withRoundRobinRouting(), "to-" + key.id());
  }

  private static <T> Behavior<T> restarting(Behavior<T> behavior) {
    return Behaviors.supervise(behavior)
        .onFailure(
            SupervisorStrategy.restartWithBackoff(RESTART_AFTER, RESTART_AFTER_AT_MOST, 0.2));
  }
}

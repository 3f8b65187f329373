package plaudit.node;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.apache.pekko.Done;
import org.apache.pekko.actor.NoSerializationVerificationNeeded;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.ChildFailed;
import org.apache.pekko.actor.typed.SupervisorStrategy;
import org.apache.pekko.actor.typed.Terminated;
import org.apache.pekko.actor.typed.eventstream.EventStream;
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
import plaudit.time.MonotonicClock;
import plaudit.wire.SendFailure;

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

  /** The node has joined a run: its samplers, scorers and helpers begin. */
  record Work(WorkerParts parts) implements Command {}

  /** A message to another node is lost for good. */
  private record NotSent(SendFailure failure) implements Command {}

  /** The node is about to leave: its sampler hands back what it holds. */
  record HandBack(ActorRef<Done> replyTo) implements Command {}

  private static final String LEARNER = "learner";
  private static final Duration RESTART_AFTER = Duration.ofMillis(200);
  private static final Duration RESTART_AFTER_AT_MOST = Duration.ofSeconds(10);

  private final CompletableFuture<Ended> end;
  private final Consumer<String> broken;
  private final Set<Role> roles;
  private final ActorRef<ExperienceProtocol.Command> buffer;
  private final ActorRef<SnapshotProtocol.Command> registry;
  private final ActorRef<LabelStore.Command> labels;
  private @Nullable ActorRef<LearnerRole.Command> learner;
  private @Nullable ActorRef<Sampler.Command> sampler;

  /**
   * A node.
   *
   * @param end completed when this node's policy learner has made its last checkpoint, or failed
   * @param broken is told of an actor that has ended for good though the node needs it
   */
  static Behavior<Command> create(
      NodeParts parts, CompletableFuture<Ended> end, Consumer<String> broken) {
    return Behaviors.setup(ctx -> new Guardian(ctx, parts, end, broken));
  }

  private Guardian(
      ActorContext<Command> ctx,
      NodeParts parts,
      CompletableFuture<Ended> end,
      Consumer<String> broken) {
    super(ctx);
    this.broken = broken;
    this.end = end;
    this.roles = parts.roles;
    this.buffer = towards(ExperienceProtocol.KEY);
    this.registry = towards(SnapshotProtocol.KEY);
    this.labels = towards(LabelStore.KEY);

    ctx.getSystem()
        .eventStream()
        .tell(
            new EventStream.Subscribe<>(
                SendFailure.class, ctx.messageAdapter(SendFailure.class, NotSent::new)));
    parts.gateway.ifPresent(gateway -> startLabelStore(gateway.labels()));
    parts.learner.ifPresent(
        run -> {
          ActorSystem<Void> system = ctx.getSystem();
          BooleanSupplier accepted = () -> ClusterWatch.accepts(system, url(parts));
          learner = ctx.spawn(LearnerRole.create(run, labels, accepted, end), LEARNER);
          ctx.watch(learner);
        });
    parts.worker.ifPresent(this::start);
  }

  private void start(WorkerParts worker) {
    if (roles.contains(Role.SCORER)) {
      startScorer(worker);
    }
    if (roles.contains(Role.SAMPLER)) {
      startSampler(worker);
    }
    if (roles.contains(Role.HELPER)) {
      startHelper(worker);
    }
  }

  private static String url(NodeParts parts) {
    return parts.gateway.map(gateway -> gateway.labels().settings().url()).orElse("");
  }

  private void startLabelStore(JdbcLabels labels) {
    ActorRef<LabelStore.Command> store =
        needed(getContext().spawn(restarting(LabelStoreActor.create(labels)), "labels"));
    getContext().getSystem().receptionist().tell(Receptionist.register(LabelStore.KEY, store));
  }

  private void startScorer(WorkerParts parts) {
    needed(
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
                        MonotonicClock.PROCESS,
                        parts.scorerMeters())),
                "scorer"));
    if (!parts.source().isRunAlone()) {
      getContext()
          .spawn(
              SourceReporter.create(address(), parts.sourceMonitor(), towards(RunStatusActor.KEY)),
              "source-reporter");
    }
  }

  private void startSampler(WorkerParts parts) {
    String name = address();
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
                        MonotonicClock.PROCESS,
                        parts.samplerMeters())),
                "sampler");
    needed(sampler);
  }

  private void startHelper(WorkerParts parts) {
    needed(
        getContext()
            .spawn(
                restarting(
                    GradientHelper.create(
                        parts::backward, parts.files().transfers(), parts.helperMeters())),
                "helper"));
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessageEquals(Stop.INSTANCE, this::onStop)
        .onMessage(Work.class, this::onWork)
        .onMessage(HandBack.class, this::onHandBack)
        .onMessage(NotSent.class, this::onNotSent)
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

  private Behavior<Command> onWork(Work message) {
    start(message.parts());
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

  /** The run is told wherever it is: it would wait for ever. */
  private Behavior<Command> onNotSent(NotSent message) {
    String reason = message.failure().reason();
    getContext().getLog().error("not sent: {}", reason);
    buffer.tell(new ExperienceProtocol.SendFailed(address(), reason));
    return this;
  }

  private String address() {
    return Cluster.get(getContext().getSystem()).selfMember().address().hostPort();
  }

  /**
   * The learner's failure ends the run. Another actor is restarted after exceptions; what ends it
   * for good is an error of the program or the machine, and the node would go on without it.
   */
  private Behavior<Command> onFailure(ChildFailed failed) {
    if (failed.getRef().path().name().equals(LEARNER)) {
      end.completeExceptionally(failed.cause());
    } else {
      String name = failed.getRef().path().name();
      getContext().getLog().error("{} has failed for good", name, failed.cause());
      broken.accept("%s has failed for good: %s".formatted(name, failed.cause()));
    }
    return this;
  }

  private <T> ActorRef<T> needed(ActorRef<T> actor) {
    getContext().watch(actor);
    return actor;
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

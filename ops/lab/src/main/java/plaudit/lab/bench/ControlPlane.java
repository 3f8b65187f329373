package plaudit.lab.bench;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.apache.pekko.actor.NoSerializationVerificationNeeded;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorRefResolver;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.Terminated;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.receptionist.ServiceKey;
import org.apache.pekko.cluster.ClusterEvent.MemberUp;
import org.apache.pekko.cluster.UniqueAddress;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Join;
import org.apache.pekko.cluster.typed.Subscribe;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import plaudit.input.InvalidInputException;
import plaudit.lab.plan.Fleet;
import plaudit.lab.plan.Rates;
import plaudit.labels.actor.LabelStore;
import plaudit.model.Compute;
import plaudit.node.config.ClusterSettings;
import plaudit.sampling.SamplerMeters;
import plaudit.sampling.SamplerSettings;
import plaudit.sampling.SamplerSettings.InFlight;
import plaudit.sampling.actor.Sampler;
import plaudit.scoring.Questions;
import plaudit.scoring.ScorerMeters;
import plaudit.scoring.ScorerSettings;
import plaudit.scoring.actor.Scorer;
import plaudit.scoring.actor.ScoringProtocol;
import plaudit.snapshots.Snapshot;
import plaudit.task.Task;
import plaudit.task.TruncationRule;
import plaudit.tokens.Tokens;

/**
 * The control plane alone: the real experience buffer, snapshot registry, samplers, scorers and
 * policy learner, with delays for engines. What such a fleet trains a second, against what its
 * delays allow, is what the control plane costs.
 *
 * <p>One instance can measure many fleets, also at the same time: each has places of its own.
 */
public final class ControlPlane implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(ControlPlane.class);
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** Seconds that a node more may take to join, on cores that all share. */
  private static final long EACH_JOINS = 4;

  /** From here on nodes share this process' threads. */
  private static final int MANY = 8;

  /** Nodes of a medium cluster. */
  private static final int MEDIUM = 100;

  private static final Duration ASK_AGAIN = Duration.ofSeconds(2);
  private static final ScorerSettings SCORER =
      new ScorerSettings(Compute.cpu(1), Integer.MAX_VALUE, 2, Duration.ofSeconds(5));

  /** No question is put to people here. */
  private static final Task NO_TASK =
      new Task(Tokens.of(), Tokens.of(), 1, 1, TruncationRule.NONE, true);

  private record Spawn(Behavior<?> behavior, String name)
      implements NoSerializationVerificationNeeded {}

  private final List<ActorSystem<Spawn>> systems;
  private final @Nullable FleetWeights weights;
  private final AtomicInteger clusters = new AtomicInteger();

  /**
   * What lies between learner and workers.
   *
   * @param serialize whether messages inside a process are serialized too, as in a run
   * @param nodes cluster nodes that the workers are spread over, each with a TCP port of its own; 0
   *     for all in the learner's
   */
  public record Wiring(boolean serialize, int nodes) {
    public Wiring {
      if (nodes < 0) {
        throw InvalidInputException.of("--nodes", nodes, ">= 0");
      }
    }
  }

  private ControlPlane(List<ActorSystem<Spawn>> systems, @Nullable FleetWeights weights) {
    this.systems = systems;
    this.weights = weights;
  }

  /** Starts the actor systems; all of them know each other when this returns. */
  public static ControlPlane start(Wiring wiring) throws InterruptedException {
    return start(wiring, null);
  }

  /** The same with weights that travel; belong to the caller, and are for one fleet. */
  static ControlPlane start(Wiring wiring, @Nullable FleetWeights weights)
      throws InterruptedException {
    LOG.debug("[{}] nodes, messages serialized: [{}]", wiring.nodes(), wiring.serialize());
    Config pekko = pekko(wiring);
    List<ActorSystem<Spawn>> systems = new ArrayList<>();
    ControlPlane plane = new ControlPlane(systems, weights);
    try {
      for (int i = 0; i <= wiring.nodes(); i++) {
        systems.add(ActorSystem.create(root(), ClusterSettings.SYSTEM, pekko));
      }
      if (wiring.nodes() > 0) {
        plane.join();
      }
      return plane;
    } catch (InterruptedException | RuntimeException e) {
      plane.close();
      throw e;
    }
  }

  /**
   * Runs a fleet for as long as it takes.
   *
   * @param warm updates that do not count
   * @param updates that are measured at least
   * @param seconds that are measured at least
   */
  public CompletableFuture<ControlPlaneResult> measure(
      Fleet fleet, Rates rates, int warm, int updates, double seconds, long seed) {
    int cluster = clusters.incrementAndGet();
    ServiceKey<ScoringProtocol.Command> key =
        ServiceKey.create(ScoringProtocol.Command.class, "scorer-" + cluster);
    Timings timings = new Timings();
    CompletableFuture<ControlPlaneResult> end = new CompletableFuture<>();
    BenchCluster.Workers workers =
        (buffer, registry) -> {
          for (int i = 0; i < fleet.scorers(); i++) {
            ActorSystem<Spawn> at = workersAt(i);
            Supplier<DelayScoringEngine> engine =
                () -> new DelayScoringEngine(fleet, rates, timings);
            Behavior<ScoringProtocol.Command> scorer =
                Scorer.create(
                    SCORER,
                    new Questions(NO_TASK, SCORER.choices(), Tokens::toString),
                    engine,
                    key,
                    seen(buffer, at),
                    at.<LabelStore.Command>ignoreRef().narrow(),
                    seen(registry, at),
                    InstantSource.system(),
                    new ScorerMeters(new SimpleMeterRegistry()));
            spawn(at, endingWith(seen(buffer, at), scorer), cluster, "scorer", i);
          }
          for (int i = 0; i < fleet.samplers(); i++) {
            ActorSystem<Spawn> at = workersAt(i);
            long own = seed + i;
            int node = i;
            Supplier<DelayPolicyEngine> engine =
                () ->
                    new DelayPolicyEngine(
                        fleet, rates, own, timings, snapshot -> fetch(node, snapshot));
            Behavior<Sampler.Command> sampler =
                Sampler.create(
                    new SamplerSettings(
                        Compute.cpu(1), fleet.unacknowledged(), ASK_AGAIN, 1, InFlight.OFF),
                    "s" + i,
                    engine,
                    key,
                    seen(buffer, at),
                    seen(registry, at),
                    InstantSource.system(),
                    new SamplerMeters(new SimpleMeterRegistry()));
            spawn(at, endingWith(seen(buffer, at), sampler), cluster, "sampler", i);
          }
        };
    ThroughputRecorder.Limits limits = new ThroughputRecorder.Limits(warm, updates, seconds);
    systems
        .get(0)
        .tell(
            new Spawn(
                BenchCluster.create(fleet, rates, limits, seed, workers, timings, weights, end),
                "cluster-" + cluster));
    return end;
  }

  private void fetch(int node, Snapshot snapshot) {
    if (weights != null) {
      weights.fetch(node, snapshot);
    }
  }

  private ActorSystem<Spawn> workersAt(int worker) {
    return systems.size() == 1 ? systems.get(0) : systems.get(1 + worker % (systems.size() - 1));
  }

  private static void spawn(
      ActorSystem<Spawn> at, Behavior<?> behavior, int cluster, String role, int number) {
    at.tell(new Spawn(behavior, role + "-" + cluster + "-" + number));
  }

  /** The learner's actor as another node sees it. */
  private <T> ActorRef<T> seen(ActorRef<T> ref, ActorSystem<Spawn> from) {
    if (from.equals(systems.get(0))) {
      return ref;
    }
    String name = ActorRefResolver.get(systems.get(0)).toSerializationFormat(ref);
    return ActorRefResolver.get(from).resolveActorRef(name);
  }

  /** The worker stops when the fleet's buffer does. */
  private static Behavior<Void> endingWith(ActorRef<?> buffer, Behavior<?> worker) {
    return Behaviors.setup(
        ctx -> {
          ctx.spawnAnonymous(worker);
          ctx.watch(buffer);
          return Behaviors.receive(Void.class)
              .onSignal(Terminated.class, signal -> Behaviors.stopped())
              .build();
        });
  }

  private static Behavior<Spawn> root() {
    return Behaviors.setup(
        ctx ->
            Behaviors.receive(Spawn.class)
                .onMessage(
                    Spawn.class,
                    spawn -> {
                      ctx.spawn(spawn.behavior(), spawn.name());
                      return Behaviors.same();
                    })
                .build());
  }

  private void join() throws InterruptedException {
    Cluster first = Cluster.get(systems.get(0));
    for (ActorSystem<Spawn> system : systems) {
      Cluster.get(system).manager().tell(Join.create(first.selfMember().address()));
    }
    Duration patience = PATIENCE.plusSeconds(EACH_JOINS * systems.size());
    CompletableFuture<Void> joined = new CompletableFuture<>();
    systems
        .get(0)
        .tell(new Spawn(membersUp(systems.size(), () -> joined.complete(null)), "members-up"));
    try {
      joined.get(patience.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException("the nodes did not join within " + patience, e);
    }
  }

  /** Waits until the cluster has so many members. */
  private static Behavior<MemberUp> membersUp(int members, Runnable then) {
    Set<UniqueAddress> up = new HashSet<>();
    return Behaviors.setup(
        ctx -> {
          Cluster.get(ctx.getSystem())
              .subscriptions()
              .tell(Subscribe.create(ctx.getSelf(), MemberUp.class));
          return Behaviors.receive(MemberUp.class)
              .onAnyMessage(
                  event -> {
                    up.add(event.member().uniqueAddress());
                    if (up.size() < members) {
                      return Behaviors.same();
                    }
                    then.run();
                    return Behaviors.stopped();
                  })
              .build();
        });
  }

  private static Config pekko(Wiring wiring) {
    String provider = wiring.nodes() > 0 ? "cluster" : "local";
    return ConfigFactory.parseString(
            """
            pekko.actor.provider = %s
            pekko.actor.serialize-messages = %s
            # The usual 10 ms would lengthen each delay by that much.
            pekko.scheduler.tick-duration = 1ms
            pekko.remote.artery.canonical.hostname = "127.0.0.1"
            pekko.remote.artery.canonical.port = 0
            pekko.cluster.roles = ["learner"]
            """
                .formatted(provider, wiring.serialize() ? "on" : "off"))
        .withFallback(wiring.nodes() > MANY ? inOneProcess(wiring.nodes()) : ConfigFactory.empty())
        .withFallback(ConfigFactory.parseResources("plaudit/pekko.conf"))
        .withFallback(ConfigFactory.load())
        .resolve();
  }

  /** Times of a cluster of that size, and as few threads and buffers a node as it can have. */
  private static Config inOneProcess(int nodes) {
    Config size =
        ConfigFactory.parseString(
            "plaudit.cluster.size = " + (nodes <= MEDIUM ? "medium" : "large"));
    return ConfigFactory.parseString(
            """
            few { parallelism-min = 1, parallelism-factor = 1.0, parallelism-max = 2 }
            pekko.actor.default-dispatcher.fork-join-executor = ${few}
            pekko.actor.internal-dispatcher.fork-join-executor = ${few}
            pekko.actor.default-blocking-io-dispatcher.thread-pool-executor.fixed-pool-size = 1
            pekko.remote.artery.advanced.maximum-frame-size = 256 KiB
            # Two cores cannot answer so many heartbeats in time while all nodes start.
            pekko.cluster.failure-detector.acceptable-heartbeat-pause = 60s
            pekko.cluster.split-brain-resolver.stable-after = 300s
            """)
        .withFallback(
            ClusterSettings.from(size.withFallback(ConfigFactory.load()).resolve())
                .toPekko(Set.of("learner")));
  }

  @Override
  public void close() {
    systems.forEach(ActorSystem::terminate);
    for (ActorSystem<Spawn> system : systems) {
      system.getWhenTerminated().toCompletableFuture().join();
    }
  }
}

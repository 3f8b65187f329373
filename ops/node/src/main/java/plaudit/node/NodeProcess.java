package plaudit.node;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.pekko.Done;
import org.apache.pekko.actor.Cancellable;
import org.apache.pekko.actor.CoordinatedShutdown;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.apache.pekko.actor.typed.javadsl.Routers;
import org.apache.pekko.cluster.ClusterEvent.CurrentClusterState;
import org.apache.pekko.cluster.Member;
import org.apache.pekko.cluster.MemberStatus;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Join;
import org.apache.pekko.remote.RemoteTransportException;
import plaudit.compute.ComputeThread;
import plaudit.gateway.Gateway;
import plaudit.gateway.http.RunView;
import plaudit.gateway.store.StoreSettings;
import plaudit.input.InvalidInputException;
import plaudit.input.UnavailableException;
import plaudit.json.JsonFiles;
import plaudit.node.RunStatusActor.JoinReply;
import plaudit.node.config.ClusterSettings;
import plaudit.node.config.Role;
import plaudit.phase.PhaseMeter;
import plaudit.policy.actor.PolicyLearner.Ended;

/**
 * The life of a node in a cluster, the same for the learner's node, workers and standbys: its actor
 * system with the actors that its roles need, its membership, its gateway's HTTP server, and what
 * it tells supervisors. A cluster of one node joins itself; otherwise the seed nodes are asked.
 */
final class NodeProcess implements AutoCloseable {

  private static final Duration HAND_BACK = Duration.ofSeconds(4);
  private static final int GRACE_SECONDS = 60;

  /** A node that has left its cluster ends, or begins anew, long before. */
  private static final Duration STUCK = Duration.ofSeconds(3 * GRACE_SECONDS);

  private static final Duration JOIN_WITHIN = Duration.ofSeconds(2);

  private static final Config NAME_CHECK =
      ConfigFactory.parseMap(
          Map.of(
              "pekko.cluster.configuration-compatibility-check.checkers.plaudit-cluster-name",
              ClusterNameCheck.class.getName()));

  private final NodeParts parts;
  private final ActorSystem<Guardian.Command> system;
  private final ActorRef<RunStatusActor.Command> run;
  private final CompletableFuture<Void> refusal = new CompletableFuture<>();
  private final Queue<String> failed = new ConcurrentLinkedQueue<>();
  private volatile OptionalLong ended = OptionalLong.empty();
  private Optional<Gateway> gateway = Optional.empty();

  /**
   * Starts the actors, and joins.
   *
   * @param alsoIs further roles in the cluster's eyes
   * @param end completed when this node's policy learner has made its last checkpoint, or failed
   * @throws InvalidInputException if the address cannot be taken
   */
  NodeProcess(NodeParts parts, Set<String> alsoIs, CompletableFuture<Ended> end) {
    this.parts = parts;
    ClusterSettings settings = ClusterSettings.from(parts.config);
    Optional<StoreSettings> store = parts.gateway.map(part -> part.labels().settings());
    Set<String> words = new TreeSet<>(alsoIs);
    parts.roles.forEach(role -> words.add(role.word()));
    words.add(ClusterWatch.PROTOCOL);
    if (store.filter(StoreSettings::isFile).isPresent()) {
      words.add(ClusterWatch.LABELS_IN_A_FILE);
    }
    system = create(Guardian.create(parts, end, failed::add), parts.config, settings, words);
    system.getWhenTerminated().thenRun(() -> ended = OptionalLong.of(System.nanoTime()));
    run = system.systemActorOf(Routers.group(RunStatusActor.KEY), "to-run", Props.empty());
    CoordinatedShutdown.get(system)
        .addTask(
            CoordinatedShutdown.PhaseBeforeServiceUnbind(), "hand-back-leases", this::handBack);
    endOnlyWhenAllIsOver();
    Cluster cluster = Cluster.get(system);
    if (settings.isMany()) {
      String url = store.map(StoreSettings::url).orElse("");
      system.systemActorOf(ClusterWatch.forRivals(url, refusal), "rivals", Props.empty());
    } else {
      cluster.manager().tell(Join.create(cluster.selfMember().address()));
    }
    ClusterMeters.bind(system, parts.telemetry.registry());
    parts.telemetry.status(this::statusJson);
    parts.telemetry.ready(this::missing);
    parts.telemetry.alive(this::broken);
  }

  /** Opens the gateway's HTTP server, if this node has one; {@link #close} drains it. */
  Optional<Gateway> openGateway(RunView run) {
    gateway = parts.gateway.map(part -> part.open(system, run));
    return gateway;
  }

  /** The way to the run's actor, on whichever node the learner is. */
  ActorRef<RunStatusActor.Command> run() {
    return run;
  }

  /**
   * Asks the run whether this node may work for it.
   *
   * @param claims what must be the run's
   * @param of the run that it works for already; empty for any
   * @return empty if no run answers now
   */
  Optional<JoinReply> join(Map<String, String> claims, String of) {
    Set<String> roles = Cluster.get(system).selfMember().getRoles();
    try {
      return Optional.of(
          AskPattern.<RunStatusActor.Command, JoinReply>ask(
                  run,
                  replyTo ->
                      new RunStatusActor.Join(address(), roles, build(), of, claims, replyTo),
                  JOIN_WITHIN,
                  system.scheduler())
              .toCompletableFuture()
              // A system that ends meanwhile never tells that the time is over.
              .orTimeout(2 * JOIN_WITHIN.toMillis(), TimeUnit.MILLISECONDS)
              .join());
    } catch (CompletionException e) {
      return Optional.empty(); // no run yet, or it does not answer in time
    }
  }

  /** Begins the work of the run that this node has joined. */
  void work(WorkerParts worker) {
    system.tell(new Guardian.Work(worker));
  }

  private static String build() {
    return Optional.ofNullable(NodeProcess.class.getPackage().getImplementationVersion())
        .orElse("unknown");
  }

  ActorSystem<Guardian.Command> system() {
    return system;
  }

  /** Where others reach this node. */
  String address() {
    return Cluster.get(system).selfMember().address().hostPort();
  }

  /** Whether the cluster has given this node up, or the node could not join. */
  boolean isOver() {
    return system.getWhenTerminated().toCompletableFuture().isDone();
  }

  /** Whether that has begun: the system starts nothing new any more. */
  boolean isEnding() {
    return CoordinatedShutdown.get(system).getShutdownReason().isPresent();
  }

  /** Throws what forbids this node to be here, if something does. */
  void throwRefusal() {
    if (CoordinatedShutdown.get(system).getShutdownReason().stream()
        .anyMatch(CoordinatedShutdown.incompatibleConfigurationDetectedReason()::equals)) {
      ClusterSettings settings = ClusterSettings.from(parts.config);
      throw InvalidInputException.of(
          ClusterSettings.NAME_KEY,
          settings.name(),
          "the name of the cluster at %s, which its log tells".formatted(settings.seedNodes()));
    }
    if (refusal.isCompletedExceptionally()) {
      try {
        refusal.getNow(null);
      } catch (CompletionException e) {
        throw e.getCause() instanceof InvalidInputException cause
            ? cause
            : new IllegalStateException(e);
      }
    }
  }

  /**
   * Roles, members, what each part does now and how the run stands, as one JSON object, for {@code
   * /status}.
   */
  private String statusJson() {
    CurrentClusterState state = Cluster.get(system).state();
    Set<Member> unreachable = state.getUnreachable();
    List<Map<String, Object>> members = new ArrayList<>();
    for (Member member : state.getMembers()) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("node", member.address().hostPort());
      one.put("roles", new TreeSet<>(member.getRoles()));
      one.put("status", member.status().toString());
      one.put("reachable", !unreachable.contains(member));
      members.add(one);
    }
    Map<String, Object> status = new LinkedHashMap<>();
    status.put("node", address());
    status.put("cluster", ClusterSettings.from(parts.config).name());
    status.put("roles", new TreeSet<>(Cluster.get(system).selfMember().getRoles()));
    status.put("doing", PhaseMeter.all(parts.telemetry.registry()));
    status.put("members", members);
    parts.learner.ifPresent(learner -> status.put("run", learner.monitor().status()));
    return JsonFiles.line(status);
  }

  /** What this node lacks to do its work, in words, for {@code /readyz}. */
  private List<String> missing() {
    if (isOver()) {
      return List.of("it is leaving the cluster");
    }
    CurrentClusterState state = Cluster.get(system).state();
    boolean learner = false;
    for (Member member : state.getMembers()) {
      learner |=
          member.hasRole(Role.LEARNER.word())
              && member.status().equals(MemberStatus.up())
              && !state.getUnreachable().contains(member);
    }
    MeterRegistry meters = parts.telemetry.registry();
    Gauge version = meters.find("plaudit.sampler.policy.version").gauge();
    return new Readiness(
            parts.roles,
            Cluster.get(system).selfMember().status().equals(MemberStatus.up()),
            learner,
            meters.find("plaudit.buffer.room").gauge() != null,
            version == null ? -1 : (long) version.value(),
            parts.gateway.map(gateway -> gateway.labels().ready()).orElse(true))
        .missing();
  }

  /**
   * What is wrong with this node that only a restart of its process mends, for {@code /healthz}.
   */
  private List<String> broken() {
    List<String> broken = new ArrayList<>(failed);
    parts.gateway.flatMap(it -> it.labels().broken()).ifPresent(broken::add);
    OptionalLong since = ended;
    if (since.isPresent() && System.nanoTime() - since.getAsLong() > STUCK.toNanos()) {
      broken.add("it has left the cluster and does not end");
    }
    return broken;
  }

  /** Drains the gateway, hands back what is on lease, leaves the cluster, and ends all actors. */
  @Override
  public void close() {
    try {
      gateway.ifPresent(it -> it.drain().toCompletableFuture().join());
    } finally {
      system.terminate();
      awaitTheEnd();
    }
  }

  /**
   * When the process is told to end, the transport waits for the hooks that the coordinated
   * shutdown knows, and without one cuts all connections at once: nothing could be handed back, and
   * other nodes would take this one for dead. This hook waits until the actor system has ended.
   */
  private void endOnlyWhenAllIsOver() {
    AtomicBoolean hooked = new AtomicBoolean();
    Cancellable hook =
        CoordinatedShutdown.get(system)
            .addCancellableJvmShutdownHook(
                () -> {
                  hooked.set(true);
                  awaitTheEnd();
                });
    system
        .getWhenTerminated()
        .thenRun(
            () -> {
              if (!hooked.get()) {
                hook.cancel();
              }
            });
  }

  /** Native code, too: a process that ends in the middle of it crashes. */
  private void awaitTheEnd() {
    try {
      system.getWhenTerminated().toCompletableFuture().get(GRACE_SECONDS, TimeUnit.SECONDS);
      if (!ComputeThread.awaitClosed(Duration.ofSeconds(GRACE_SECONDS))) {
        system.log().warn("a compute thread did not end in time");
      }
    } catch (ExecutionException | TimeoutException e) {
      system.log().warn("the actor system did not end in time", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private CompletionStage<Done> handBack() {
    return AskPattern.<Guardian.Command, Done>ask(
            system, Guardian.HandBack::new, HAND_BACK, system.scheduler())
        .exceptionally(late -> Done.getInstance());
  }

  private static ActorSystem<Guardian.Command> create(
      Behavior<Guardian.Command> guardian,
      Config config,
      ClusterSettings settings,
      Set<String> roles) {
    Config pekko =
        settings
            .toPekko(roles)
            .withFallback(NAME_CHECK)
            .withFallback(ConfigFactory.parseResources("plaudit/pekko.conf"))
            .withFallback(config)
            .withFallback(ConfigFactory.defaultReference())
            .resolve();
    try {
      return ActorSystem.create(guardian, ClusterSettings.SYSTEM, pekko);
    } catch (RemoteTransportException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw UnavailableException.notBound(
          "plaudit.cluster", settings.listensOn(), settings.port(), cause);
    }
  }
}

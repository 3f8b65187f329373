package plaudit.node;

import com.typesafe.config.Config;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.apache.pekko.actor.typed.Props;
import plaudit.chat.TurnReader;
import plaudit.input.InvalidInputException;
import plaudit.node.RunStatusActor.JoinReply;
import plaudit.node.RunStatusActor.Joined;
import plaudit.node.RunStatusActor.Refused;
import plaudit.node.config.ClusterSettings;
import plaudit.node.config.NodeSettings;
import plaudit.node.config.Role;
import plaudit.node.config.RunConfig;
import plaudit.node.config.SharedSettings;
import plaudit.node.run.OnInterrupt;
import plaudit.time.MonotonicClock;

/**
 * A node without the learner: samplers, scorers, gateways, helpers. It joins whenever it is
 * started, takes the task from the run, and hands its work back when it is stopped. A run whose
 * model or settings differ from what this node was given refuses it. When the learner's node is
 * gone, or the cluster has given this node up, it looks for a learner of the same run again for a
 * while.
 */
public final class WorkerNode {

  private static final Duration LOOK_EVERY = Duration.ofMillis(200);
  private static final Duration ANOTHER_LOOK = Duration.ofSeconds(5);
  private static final int GRACE_SECONDS = 60;

  /** Why a stay in a cluster ended. */
  private enum Why {
    STOPPED,
    NO_LEARNER,
    ANOTHER_RUN,
    GIVEN_UP
  }

  private final Config config;
  private final Map<String, String> claims;
  private final Set<Role> roles;
  private final PrintWriter out;
  private final InstantSource clock = MonotonicClock.PROCESS;
  private final CompletableFuture<Void> stop = new CompletableFuture<>();
  private final List<String> seeds;
  private final NodeSettings settings;
  private final Set<String> alsoIs;
  private final BooleanSupplier relieved;
  private Optional<String> run;
  private Optional<WorkerParts> work = Optional.empty();
  private volatile boolean found;

  /**
   * A node that reports to {@code out}.
   *
   * @throws InvalidInputException if it needs a model and has none
   */
  public WorkerNode(RunConfig config, Set<Role> roles, PrintWriter out) {
    this(config, roles, out, Optional.empty(), Set.of(), () -> false);
  }

  /**
   * The same for a node that is more than a worker.
   *
   * @param run the only one that it works for; empty for the first that it meets
   * @param alsoIs what others see it as, besides its roles
   * @param relieved whether it has something better to do than to look for a learner; asked when
   *     the one it had is gone, or none came for as long as it waits
   */
  WorkerNode(
      RunConfig config,
      Set<Role> roles,
      PrintWriter out,
      Optional<String> run,
      Set<String> alsoIs,
      BooleanSupplier relieved) {
    this.config = config.config();
    this.claims = new TreeMap<>(SharedSettings.ofWorkers(config.asked(), roles));
    if (WorkerParts.needed(roles)) {
      claims.putAll(RunInputs.modelDigests(RunInputs.model(this.config)));
    }
    this.run = run;
    this.roles = Set.copyOf(roles);
    this.out = out;
    this.seeds = ClusterSettings.from(this.config).seedNodes();
    this.settings = NodeSettings.from(this.config);
    this.alsoIs = Set.copyOf(alsoIs);
    this.relieved = relieved;
  }

  /** Whether it was told to stop. */
  boolean isStopped() {
    return stop.isDone();
  }

  /**
   * Works until it is stopped, or there has been no learner for too long.
   *
   * @return whether it was stopped, or at least had a learner to work for
   */
  public boolean work() throws InterruptedException {
    OnInterrupt interrupt = OnInterrupt.call(() -> stop.complete(null), GRACE_SECONDS);
    try (NodeParts parts = new NodeParts(config, roles, null)) {
      return stays(parts);
    } finally {
      interrupt.over();
    }
  }

  private boolean stays(NodeParts parts) throws InterruptedException {
    Instant since = clock.instant();
    boolean ever = false;
    while (true) {
      found = false;
      Why why = stay(parts);
      if (why == Why.STOPPED) {
        return true;
      }
      if (found && why != Why.ANOTHER_RUN) {
        ever = true;
        since = clock.instant();
      }
      Duration without = Duration.between(since, clock.instant());
      boolean over = without.compareTo(settings.waitForLearner()) >= 0;
      if ((ever || over) && relieved.getAsBoolean()) {
        return true;
      }
      say("%s; %s %s".formatted(words(why), over ? "none found at" : "looking for one at", seeds));
      if (over) {
        return ever && why != Why.ANOTHER_RUN;
      }
      if (why == Why.ANOTHER_RUN && isStoppedWithin(ANOTHER_LOOK)) {
        return true;
      }
    }
  }

  private boolean isStoppedWithin(Duration time) throws InterruptedException {
    try {
      stop.get(time.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  private String words(Why why) {
    return switch (why) {
      case ANOTHER_RUN -> "The learner here is not of run " + run.orElse("");
      case GIVEN_UP -> "Not in the cluster any more";
      default -> found ? "The learner has gone" : "No learner here";
    };
  }

  /** Of the model, where this node has it: a gateway alone need not. */
  private Optional<TurnReader> turnReader() {
    String model = config.getString("plaudit.run.model");
    return model.isEmpty() ? Optional.empty() : RunInputs.turnReader(Path.of(model));
  }

  private Why stay(NodeParts parts) throws InterruptedException {
    CompletableFuture<Void> gone = new CompletableFuture<>();
    try (NodeProcess node = new NodeProcess(parts, alsoIs, new CompletableFuture<>())) {
      try {
        node.system()
            .systemActorOf(
                ClusterWatch.forLearner(gone, () -> found = true), "learner-watch", Props.empty());
        say("Node          %s, %s".formatted(node.address(), Role.words(roles, alsoIs)));
        node.openGateway(new DistantRun(node.system(), node.run(), turnReader()))
            .ifPresent(gateway -> say("Label at      %s/".formatted(gateway.url())));
        return await(node, parts, gone);
      } catch (InvalidInputException e) {
        throw e;
      } catch (RuntimeException e) {
        // The cluster may give a node up at any moment, also while its gateway is being opened.
        if (!node.isEnding()) {
          throw e;
        }
        node.system().log().info("the node ended while it was at something", e);
        return Why.GIVEN_UP;
      }
    }
  }

  private Why await(NodeProcess node, NodeParts parts, CompletableFuture<Void> gone)
      throws InterruptedException {
    boolean joined = false;
    Instant start = clock.instant();
    ClusterSettings cluster = ClusterSettings.from(config);
    while (true) {
      node.throwRefusal();
      if (node.isOver()) {
        return Why.GIVEN_UP;
      }
      if (gone.isDone()) {
        return Why.NO_LEARNER;
      }
      if (found && !joined) {
        Optional<JoinReply> reply = node.join(claims, run.orElse(""));
        if (reply.isPresent() && reply.get() instanceof Refused refused) {
          if (refused.isOfAnotherRun()) {
            return Why.ANOTHER_RUN;
          }
          SharedSettings.refuse(refused.differences(), "the run at " + seeds + " has these values");
        }
        if (reply.isPresent() && reply.get() instanceof Joined in) {
          work(node, parts, in);
          joined = true;
        }
      }
      // Among the remains of a cluster whose learner has gone, perhaps: the next one is elsewhere.
      Duration passed = Duration.between(start, clock.instant());
      if (!found
          && !cluster.address().equals(seeds.get(0))
          && passed.compareTo(cluster.joinTimeout()) > 0) {
        return Why.NO_LEARNER;
      }
      if (isStoppedWithin(LOOK_EVERY)) {
        return Why.STOPPED;
      }
    }
  }

  private void work(NodeProcess node, NodeParts parts, Joined in) {
    run = Optional.of(in.run());
    if (work.isEmpty() && WorkerParts.needed(roles)) {
      work = Optional.of(parts.workFor(in.settings()));
    }
    work.ifPresent(node::work);
    say("Run           " + in.run());
  }

  private void say(String line) {
    out.println(line);
    out.flush();
  }
}

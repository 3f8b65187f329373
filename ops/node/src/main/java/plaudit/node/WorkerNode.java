package plaudit.node;

import com.typesafe.config.Config;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.apache.pekko.actor.typed.Props;
import plaudit.input.InvalidInputException;
import plaudit.node.config.ClusterSettings;
import plaudit.node.config.NodeSettings;
import plaudit.node.config.Role;
import plaudit.node.config.RunConfig;
import plaudit.node.run.OnInterrupt;

/**
 * A node without the learner: samplers, scorers, gateways, helpers. It joins whenever it is
 * started, and hands its work back when it is stopped. When the learner's node is gone, or the
 * cluster has given this node up, it looks for a learner again for a while.
 */
public final class WorkerNode {

  private static final Duration LOOK_EVERY = Duration.ofMillis(200);
  private static final int GRACE_SECONDS = 60;

  /** Why a stay in a cluster ended. */
  private enum Why {
    STOPPED,
    NO_LEARNER,
    GIVEN_UP
  }

  private final Config config;
  private final Set<Role> roles;
  private final PrintWriter out;
  private final InstantSource clock = InstantSource.system();
  private final CompletableFuture<Void> stop = new CompletableFuture<>();
  private final List<String> seeds;
  private final NodeSettings settings;
  private final Set<String> alsoIs;
  private final BooleanSupplier relieved;
  private volatile boolean found;

  /** A node that reports to {@code out}. */
  public WorkerNode(RunConfig config, Set<Role> roles, PrintWriter out) {
    this(config, roles, out, Set.of(), () -> false);
  }

  /**
   * The same for a node that is more than a worker.
   *
   * @param alsoIs what others see it as, besides its roles
   * @param relieved whether it has something better to do than to look for a learner; asked when
   *     the one it had is gone, or none came for as long as it waits
   */
  WorkerNode(
      RunConfig config,
      Set<Role> roles,
      PrintWriter out,
      Set<String> alsoIs,
      BooleanSupplier relieved) {
    this.config = config.config();
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
      if (found) {
        ever = true;
        since = clock.instant();
      }
      Duration without = Duration.between(since, clock.instant());
      boolean over = without.compareTo(settings.waitForLearner()) >= 0;
      if ((ever || over) && relieved.getAsBoolean()) {
        return true;
      }
      say(
          "%s; %s %s"
              .formatted(
                  why == Why.NO_LEARNER
                      ? (found ? "The learner has gone" : "No learner here")
                      : "Not in the cluster any more",
                  over ? "none found at" : "looking for one at",
                  seeds));
      if (over) {
        return ever;
      }
    }
  }

  private Why stay(NodeParts parts) throws InterruptedException {
    CompletableFuture<Void> gone = new CompletableFuture<>();
    try (NodeProcess node = new NodeProcess(parts, alsoIs, new CompletableFuture<>())) {
      try {
        node.system()
            .systemActorOf(
                ClusterWatch.forLearner(gone, () -> found = true), "learner-watch", Props.empty());
        say("Node          %s, %s".formatted(node.address(), Role.words(roles, alsoIs)));
        node.openGateway(new DistantRun(node.system()))
            .ifPresent(gateway -> say("Label at      %s/".formatted(gateway.url())));
        return await(node, gone);
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

  private Why await(NodeProcess node, CompletableFuture<Void> gone) throws InterruptedException {
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
      // Among the remains of a cluster whose learner has gone, perhaps: the next one is elsewhere.
      Duration passed = Duration.between(start, clock.instant());
      if (!found
          && !cluster.address().equals(seeds.get(0))
          && passed.compareTo(cluster.joinTimeout()) > 0) {
        return Why.NO_LEARNER;
      }
      try {
        stop.get(LOOK_EVERY.toMillis(), TimeUnit.MILLISECONDS);
        return Why.STOPPED;
      } catch (TimeoutException e) {
        // It goes on.
      } catch (java.util.concurrent.ExecutionException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private void say(String line) {
    out.println(line);
    out.flush();
  }
}

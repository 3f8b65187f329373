package plaudit.node;

import com.typesafe.config.Config;
import io.micrometer.core.instrument.FunctionCounter;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.pekko.actor.typed.Props;
import org.jspecify.annotations.Nullable;
import plaudit.files.FileTree;
import plaudit.gateway.Gateway;
import plaudit.gateway.http.GatewayMeters;
import plaudit.gateway.http.GatewaySettings;
import plaudit.gateway.store.JdbcLabels;
import plaudit.input.InvalidInputException;
import plaudit.node.config.ClusterSettings;
import plaudit.node.config.NodeSettings;
import plaudit.node.config.Role;
import plaudit.node.config.RunConfig;
import plaudit.node.run.OnInterrupt;
import plaudit.node.telemetry.Telemetry;
import plaudit.snapshots.SnapshotFiles;
import plaudit.snapshots.SnapshotServer;

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
  private final PrintWriter words;
  private final InstantSource clock = InstantSource.system();
  private final CompletableFuture<Void> stop = new CompletableFuture<>();
  private final List<String> seeds;
  private final NodeSettings settings;
  private final Set<String> alsoIs;
  private final BooleanSupplier relieved;
  private volatile boolean found;

  /** A node that tells what happens to {@code words}. */
  public WorkerNode(RunConfig config, Set<Role> roles, PrintWriter words) {
    this(config, roles, words, Set.of(), () -> false);
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
      PrintWriter words,
      Set<String> alsoIs,
      BooleanSupplier relieved) {
    this.config = config.config();
    this.roles = Set.copyOf(roles);
    this.words = words;
    this.seeds = ClusterSettings.from(this.config).seedNodes();
    this.settings = NodeSettings.from(this.config);
    this.alsoIs = Set.copyOf(alsoIs);
    this.relieved = relieved;
  }

  /** Whether somebody stopped it. */
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
    Path temporary = temporary();
    try (Telemetry telemetry = Telemetry.start(config);
        @Nullable RunInputs inputs =
            WorkerParts.needed(roles) ? RunInputs.withoutPrompts(config) : null;
        @Nullable JdbcLabels labels = roles.contains(Role.GATEWAY) ? open() : null;
        @Nullable SnapshotServer server = roles.contains(Role.HELPER) ? serve() : null) {
      SnapshotFiles files = files(settings.cacheOr(temporary), server);
      FunctionCounter.builder("plaudit.snapshots.received", files, SnapshotFiles::received)
          .description("Bytes of weights that were fetched")
          .baseUnit("bytes")
          .register(telemetry.registry());
      NodeParts parts =
          new NodeParts(
              roles,
              Optional.empty(),
              Optional.ofNullable(inputs)
                  .map(read -> WorkerParts.of(config, read, files, telemetry.registry())),
              Optional.ofNullable(labels)
                  .map(
                      store ->
                          new GatewayPart(
                              GatewaySettings.from(config),
                              store,
                              new GatewayMeters(telemetry.registry()))));
      return stays(parts, telemetry);
    } finally {
      FileTree.delete(temporary);
      interrupt.over();
    }
  }

  private boolean stays(NodeParts parts, Telemetry telemetry) throws InterruptedException {
    Instant since = clock.instant();
    boolean ever = false;
    while (true) {
      found = false;
      Why why = stay(parts, telemetry);
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

  private Why stay(NodeParts parts, Telemetry telemetry) throws InterruptedException {
    CompletableFuture<Void> gone = new CompletableFuture<>();
    try (Node node =
        Node.start(
            Guardian.create(parts, new CompletableFuture<>()),
            config,
            roles,
            parts.gateway().map(gateway -> gateway.labels().settings()),
            alsoIs)) {
      try {
        return work(node, parts, telemetry, gone);
      } catch (InvalidInputException e) {
        throw e;
      } catch (RuntimeException e) {
        // The cluster may give a node up at any moment, also while it is still opening its door.
        if (!node.isEnding()) {
          throw e;
        }
        node.system().log().info("the node ended while it was at something", e);
        return Why.GIVEN_UP;
      }
    }
  }

  private Why work(Node node, NodeParts parts, Telemetry telemetry, CompletableFuture<Void> gone)
      throws InterruptedException {
    node.system()
        .systemActorOf(
            ClusterWatch.forLearner(gone, () -> found = true), "learner-watch", Props.empty());
    telemetry.status(() -> node.statusJson(telemetry.registry()));
    telemetry.ready(() -> node.missing(parts, telemetry.registry()));
    say("Node          %s, %s".formatted(node.address(), words(roles, alsoIs)));
    Optional<Gateway> gateway =
        parts.gateway().map(part -> part.open(node.system(), new DistantRun(node.system())));
    gateway.ifPresent(door -> say("Label at      %s/".formatted(door.url())));
    try {
      return await(node, gone);
    } finally {
      gateway.ifPresent(door -> door.drain().toCompletableFuture().join());
    }
  }

  private Why await(Node node, CompletableFuture<Void> gone) throws InterruptedException {
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
        // nobody wants it to stop
      } catch (java.util.concurrent.ExecutionException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /** From where the learner fetches gradients. */
  private SnapshotServer serve() {
    ClusterSettings cluster = ClusterSettings.from(config);
    return SnapshotServer.bind(
        cluster.listensOn(), settings.snapshotPort(), cluster.host(), settings.downloads());
  }

  private SnapshotFiles files(Path cache, @Nullable SnapshotServer server) {
    if (server == null) {
      return SnapshotFiles.cache(cache, settings.delta());
    }
    SnapshotFiles files = SnapshotFiles.cacheServedAt(cache, settings.delta(), server.url());
    server.serve(files);
    return files;
  }

  private JdbcLabels open() {
    return JdbcLabels.open(GatewaySettings.from(config).store(), clock, new SecureRandom());
  }

  private void say(String line) {
    words.println(line);
    words.flush();
  }

  static String words(Set<Role> roles, Set<String> alsoIs) {
    return Stream.concat(roles.stream().sorted().map(Role::word), alsoIs.stream())
        .collect(Collectors.joining(","));
  }

  private static Path temporary() {
    try {
      return Files.createTempDirectory("plaudit-node");
    } catch (IOException e) {
      throw new UncheckedIOException("no temporary directory", e);
    }
  }
}

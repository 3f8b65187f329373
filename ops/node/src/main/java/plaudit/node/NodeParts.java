package plaudit.node;

import com.typesafe.config.Config;
import io.micrometer.core.instrument.FunctionCounter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionException;
import org.apache.pekko.actor.typed.ActorSystem;
import org.jspecify.annotations.Nullable;
import plaudit.files.FileTree;
import plaudit.gateway.Gateway;
import plaudit.gateway.http.GatewayMeters;
import plaudit.gateway.http.GatewaySettings;
import plaudit.gateway.http.RunView;
import plaudit.gateway.store.JdbcLabels;
import plaudit.node.config.ClusterSettings;
import plaudit.node.config.NodeSettings;
import plaudit.node.config.Role;
import plaudit.node.config.SharedSettings;
import plaudit.node.telemetry.Telemetry;
import plaudit.snapshots.SnapshotFiles;
import plaudit.snapshots.SnapshotServer;
import plaudit.snapshots.SnapshotStore;
import plaudit.snapshots.s3.S3Locator;
import plaudit.snapshots.s3.S3Settings;

/**
 * The parts of a node, in the order in which they are opened; they are closed in reverse. A part is
 * present if one of the node's roles needs it. {@link Guardian} makes actors of them. Those of a
 * worker follow once it has joined a run ({@link #workFor}).
 */
final class NodeParts implements AutoCloseable {

  private final Deque<Runnable> closers = new ArrayDeque<>();

  final Config config;
  final Set<Role> roles;
  final Telemetry telemetry;
  final Optional<WorkerParts> worker;
  private final SnapshotFiles files;
  final Optional<GatewayPart> gateway;
  final Optional<RunParts> learner;

  /**
   * Opens what a node with {@code roles} needs.
   *
   * @param run that the node makes; null for nodes that work for a run of another node
   * @throws plaudit.input.InvalidInputException if a setting or a file does not allow it
   */
  NodeParts(Config config, Set<Role> roles, @Nullable Run run) {
    this.config = config;
    this.roles = Set.copyOf(roles);
    try {
      telemetry = closing(Telemetry.start(config), Telemetry::close);
      Optional<JdbcLabels> labels = labels(run);
      Optional<SnapshotServer> server = server(run);
      files = files(run, server);
      worker =
          Optional.ofNullable(run)
              .filter(it -> WorkerParts.needed(roles))
              .map(it -> WorkerParts.of(config, it.inputs(), files, telemetry.registry()));
      gateway = labels.map(store -> gateway(run, store));
      learner = Optional.ofNullable(run).map(it -> it.parts(files, telemetry.registry()));
      learner.ifPresent(parts -> closers.push(parts.monitor()::close));
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /**
   * A gateway's label store, and how its HTTP server is opened.
   *
   * @param settings with all vendors
   * @param labels open
   */
  record GatewayPart(GatewaySettings settings, JdbcLabels labels, GatewayMeters meters) {

    /** Starts serving; throws what the user can mend as it is. */
    Gateway open(ActorSystem<?> system, RunView run) {
      try {
        return Gateway.start(system, settings, labels, run, meters).toCompletableFuture().join();
      } catch (CompletionException e) {
        throw e.getCause() instanceof RuntimeException cause ? cause : e;
      }
    }
  }

  /**
   * What samplers, scorers and helpers of this node need to work for a run of another node.
   *
   * @param settings the run's, as {@link plaudit.node.config.SharedSettings} renders them
   */
  WorkerParts workFor(String settings) {
    Config shared = SharedSettings.under(settings, config);
    RunInputs inputs = closing(RunInputs.withoutPrompts(shared), RunInputs::close);
    RewardCheck.of(shared, roles, inputs);
    return WorkerParts.of(shared, inputs, files, telemetry.registry());
  }

  private Optional<JdbcLabels> labels(@Nullable Run run) {
    if (!roles.contains(Role.GATEWAY)) {
      return Optional.empty();
    }
    JdbcLabels labels =
        run == null
            ? JdbcLabels.open(
                GatewaySettings.from(config).store(), InstantSource.system(), new SecureRandom())
            : run.openLabels();
    closing(labels, JdbcLabels::close).bindTo(telemetry.registry());
    return Optional.of(labels);
  }

  private GatewayPart gateway(@Nullable Run run, JdbcLabels labels) {
    GatewaySettings settings = GatewaySettings.from(config);
    return new GatewayPart(
        run == null ? settings : run.withItsVendor(settings),
        labels,
        new GatewayMeters(telemetry.registry()));
  }

  /** Weights and gradients for other nodes; in one process they are read where they are written. */
  private Optional<SnapshotServer> server(@Nullable Run run) {
    ClusterSettings cluster = ClusterSettings.from(config);
    NodeSettings own = NodeSettings.from(config);
    boolean worker = roles.contains(Role.HELPER) || own.share();
    if (run == null ? !worker : !cluster.isMany()) {
      return Optional.empty();
    }
    return Optional.of(
        closing(
            SnapshotServer.bind(
                cluster.listensOn(), own.snapshotPort(), cluster.host(), own.downloads()),
            SnapshotServer::close));
  }

  private SnapshotFiles files(@Nullable Run run, Optional<SnapshotServer> server) {
    SnapshotFiles files = run == null ? cache(server) : run.snapshots(server);
    files.locatedBy(new S3Locator(S3Settings.from(config)));
    if (run != null) {
      run.store().ifPresent(store -> files.storingIn(stored(store)));
    }
    server.ifPresent(
        it -> {
          it.serve(files);
          FunctionCounter.builder("plaudit.snapshots.sent", it, SnapshotServer::sent)
              .description("Bytes of weights and gradients that were sent to other nodes")
              .baseUnit("bytes")
              .register(telemetry.registry());
        });
    FunctionCounter.builder("plaudit.snapshots.received", files, SnapshotFiles::received)
        .description("Bytes of weights that were fetched")
        .baseUnit("bytes")
        .register(telemetry.registry());
    return files;
  }

  private SnapshotStore stored(SnapshotStore store) {
    closing(store, SnapshotStore::close);
    FunctionCounter.builder("plaudit.snapshots.not.stored", store, SnapshotStore::failures)
        .description("Versions that the snapshot store did not take")
        .register(telemetry.registry());
    return store;
  }

  private SnapshotFiles cache(Optional<SnapshotServer> server) {
    NodeSettings own = NodeSettings.from(config);
    Path temporary = closing(temporary(), FileTree::delete);
    Path cache = own.cacheOr(temporary);
    SnapshotFiles files =
        server.isEmpty()
            ? SnapshotFiles.cache(cache, own.delta())
            : SnapshotFiles.cacheServedAt(cache, own.delta(), server.get().url());
    if (own.share()) {
      files.sharing();
    }
    return own.compression() ? files.compressing() : files;
  }

  private static Path temporary() {
    try {
      return Files.createTempDirectory("plaudit-node");
    } catch (IOException e) {
      throw new UncheckedIOException("no temporary directory", e);
    }
  }

  private <T> T closing(T part, java.util.function.Consumer<T> close) {
    closers.push(() -> close.accept(part));
    return part;
  }

  /** Closes all parts, also if one of them fails to close; the first failure is thrown. */
  @Override
  public void close() {
    RuntimeException failure = null;
    while (!closers.isEmpty()) {
      try {
        closers.pop().run();
      } catch (RuntimeException e) {
        failure = failure == null ? e : failure;
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}

package plaudit.lab.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import plaudit.files.FileTree;
import plaudit.snapshots.Model;
import plaudit.snapshots.Snapshot;
import plaudit.snapshots.SnapshotFiles;
import plaudit.snapshots.SnapshotServer;

/**
 * Files of weights for a fleet whose engines only wait: the learner's node writes and serves them,
 * each worker's fetches them, over HTTP on loopback. The bytes mean nothing.
 */
final class FleetWeights implements AutoCloseable {

  private static final String HOST = "127.0.0.1";
  private static final int DOWNLOADS = 4;

  private final Path directory;
  private final byte[] weights;
  private final List<SnapshotServer> servers = new ArrayList<>();
  private final SnapshotFiles learner;
  private final List<SnapshotFiles> nodes = new ArrayList<>();
  private volatile long written;
  private final ConcurrentLinkedQueue<Double> applied = new ConcurrentLinkedQueue<>();

  /**
   * Opens a server and a cache for each node.
   *
   * @param bytes of a version
   * @param share whether nodes serve what they have
   */
  FleetWeights(int nodes, int bytes, boolean share) throws IOException {
    this.directory = Files.createTempDirectory("plaudit-fleet");
    this.weights = new byte[bytes];
    SnapshotServer own = server();
    this.learner = SnapshotFiles.servedAt(directory.resolve("learner"), own.url());
    own.serve(learner);
    for (int i = 0; i < nodes; i++) {
      Path cache = directory.resolve("node-" + i);
      if (share) {
        SnapshotServer server = server();
        SnapshotFiles files = SnapshotFiles.cacheServedAt(cache, false, server.url()).sharing();
        server.serve(files);
        this.nodes.add(files);
      } else {
        this.nodes.add(SnapshotFiles.cache(cache, false));
      }
    }
  }

  private SnapshotServer server() {
    SnapshotServer server = SnapshotServer.bind(HOST, 0, HOST, DOWNLOADS);
    servers.add(server);
    return server;
  }

  /** Writes a version; of one learner's thread. */
  Snapshot publish(long version) {
    new SplittableRandom(version).nextBytes(weights);
    written = version + 1;
    return learner.write(Model.POLICY, version, version - 1, List.of(), out -> out.write(weights));
  }

  /** Versions that were published. */
  long written() {
    return written;
  }

  /** Deletes older versions. */
  void prune(int kept) {
    learner.prune(Model.POLICY, kept);
  }

  /** Brings a version to a node. */
  void fetch(int node, Snapshot snapshot) {
    nodes.get(node).fetch(snapshot);
  }

  /** A node works with a version so many seconds after its publication. */
  void applied(double seconds) {
    applied.add(seconds);
  }

  /** Median and last of the times until a version was applied; zeros if there was none. */
  double[] appliedAfter() {
    double[] sorted = applied.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    return sorted.length == 0
        ? new double[] {0, 0}
        : new double[] {sorted[sorted.length / 2], sorted[sorted.length * 99 / 100]};
  }

  /** Bytes that the learner's node has sent. */
  long sentByLearner() {
    return servers.get(0).sent();
  }

  /** Bytes that all nodes have fetched. */
  long received() {
    return nodes.stream().mapToLong(SnapshotFiles::received).sum();
  }

  /** Nodes that have fetched a version. */
  long reached() {
    return nodes.stream().filter(files -> files.received() > 0).count();
  }

  @Override
  public void close() {
    servers.forEach(SnapshotServer::close);
    FileTree.delete(directory);
  }
}

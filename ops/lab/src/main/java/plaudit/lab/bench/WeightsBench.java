package plaudit.lab.bench;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import plaudit.snapshots.Model;
import plaudit.snapshots.Snapshot;
import plaudit.snapshots.SnapshotFiles;
import plaudit.snapshots.SnapshotServer;

/**
 * Transfer of weights: written with their hash and flushed to the disk, served over HTTP on
 * loopback, fetched, flushed and hashed again. Both ends are in this process.
 */
public final class WeightsBench {

  private static final int PIECE = 1 << 16;

  private WeightsBench() {}

  /**
   * The transfer of one version.
   *
   * @param write seconds from the first byte to a file that is there whole
   * @param fetch seconds from the announcement to a file that is there whole on the other side
   * @param received bytes that travelled for it
   */
  public record Trip(double write, double fetch, long received) {}

  /**
   * Sends versions one after the other.
   *
   * @param directory for files, which are deleted again
   * @param bytes of a version
   * @param changed share of the bytes that are not those of the version before
   * @param delta whether only what changed is fetched
   */
  public static List<Trip> run(
      Path directory, int bytes, int versions, double changed, boolean delta) throws IOException {
    Path from = Files.createTempDirectory(directory, "written");
    Path to = Files.createTempDirectory(directory, "fetched");
    try (SnapshotServer server = SnapshotServer.bind("127.0.0.1", 0, "127.0.0.1", 1)) {
      SnapshotFiles written = SnapshotFiles.servedAt(from, server.url());
      server.serve(written);
      SnapshotFiles fetched = SnapshotFiles.cache(to, delta);
      List<Trip> trips = new ArrayList<>();
      int fresh = (int) Math.round(changed * bytes);
      byte[] piece = new byte[PIECE];
      byte[] kept = new byte[PIECE];
      for (int version = 1; version <= versions; version++) {
        new SplittableRandom(version).nextBytes(piece);
        long before = fetched.received();
        long begin = System.nanoTime();
        Snapshot snapshot =
            written.write(
                Model.POLICY,
                version,
                version - 1,
                List.of(),
                out -> {
                  fill(out, piece, fresh);
                  fill(out, kept, bytes - fresh);
                });
        long middle = System.nanoTime();
        fetched.fetch(snapshot);
        double seconds = (System.nanoTime() - middle) / 1e9;
        trips.add(new Trip((middle - begin) / 1e9, seconds, fetched.received() - before));
        written.prune(Model.POLICY, 1);
      }
      return trips;
    } finally {
      delete(from);
      delete(to);
    }
  }

  private static void fill(OutputStream out, byte[] piece, int bytes) throws IOException {
    for (int left = bytes; left > 0; left -= piece.length) {
      out.write(piece, 0, Math.min(left, piece.length));
    }
  }

  private static void delete(Path directory) throws IOException {
    try (var files = Files.list(directory)) {
      files.forEach(WeightsBench::deleteFile);
    }
    Files.delete(directory);
  }

  private static void deleteFile(Path file) {
    try {
      Files.delete(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

package plaudit.snapshots;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import plaudit.files.Sha256;

/**
 * SHA-256 in lower-case hex, and those of files that were seen to be right: weights are read
 * through once. Thread-safe.
 */
final class Digests {

  private final Map<Path, String> digests = new ConcurrentHashMap<>();

  /** {@code file} was just written or read through, and has this digest. */
  void put(Path file, String sha256) {
    digests.put(file, sha256);
  }

  /** {@code file} is gone, or is another one now. */
  void forget(Path file) {
    digests.remove(file);
  }

  /** The digest of {@code file}, from memory if it is there. */
  String sha256Of(Path file) throws IOException {
    String known = digests.get(file);
    if (known == null) {
      known = Sha256.of(file);
      digests.put(file, known);
    }
    return known;
  }

  /** Whether {@code file} has the bytes of {@code snapshot}. */
  boolean matches(Path file, Snapshot snapshot) {
    try {
      verify(file, snapshot);
      return true;
    } catch (SnapshotFileException.Corrupt e) {
      return false;
    }
  }

  /**
   * Answers {@code file}.
   *
   * @throws SnapshotFileException.Corrupt when it does not have the bytes of {@code snapshot}
   * @throws SnapshotFileException.Unavailable when it cannot be read
   */
  Path verify(Path file, Snapshot snapshot) {
    try {
      long bytes = Files.size(file);
      if (bytes != snapshot.bytes()) {
        throw new SnapshotFileException.Corrupt(
            "%s: %d bytes (expected: %d)".formatted(file, bytes, snapshot.bytes()));
      }
      if (snapshot.sha256().equals(digests.get(file))) {
        return file;
      }
      String sha256 = Sha256.of(file);
      if (!sha256.equals(snapshot.sha256())) {
        throw new SnapshotFileException.Corrupt(
            "%s: sha256 %s (expected: %s)".formatted(file, sha256, snapshot.sha256()));
      }
      digests.put(file, sha256);
      return file;
    } catch (IOException e) {
      throw new SnapshotFileException.Unavailable("%s: %s".formatted(file, e), e);
    }
  }
}

package plaudit.snapshots;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * SHA-256 in lower-case hex, and those of files that were seen to be right: weights are read
 * through once. Thread-safe.
 */
final class Digests {

  private static final int BUFFER_BYTES = 1 << 16;

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
      known = read(file);
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
      String sha256 = read(file);
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

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  static String hex(MessageDigest digest) {
    return HexFormat.of().formatHex(digest.digest());
  }

  /** Reads {@code file} through. */
  static String read(Path file) throws IOException {
    MessageDigest digest = sha256();
    byte[] buffer = new byte[BUFFER_BYTES];
    try (InputStream in = Files.newInputStream(file)) {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        digest.update(buffer, 0, n);
      }
    }
    return hex(digest);
  }
}

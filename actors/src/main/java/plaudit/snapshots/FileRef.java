package plaudit.snapshots;

import java.net.URI;

/**
 * A file that one node hands to another: where its bytes are, and size and digest to verify them
 * by. Unlike a {@link Snapshot} it has no version and is deleted after use.
 *
 * @param url {@code file:} in one JVM, {@code http:} between nodes
 * @param bytes size of the file
 * @param sha256 of the file, lower-case hex
 */
public record FileRef(URI url, long bytes, String sha256) {
  public FileRef {
    if (bytes < 0) {
      throw new IllegalArgumentException("bytes: " + bytes + " (expected: >= 0)");
    }
    if (!sha256.matches("[0-9a-f]{64}")) {
      throw new IllegalArgumentException("sha256: " + sha256 + " (expected: 64 hex digits)");
    }
  }
}

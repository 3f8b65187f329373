package plaudit.snapshots;

import java.net.URI;
import java.util.List;
import plaudit.wire.WireMessage;

/**
 * Weights of a model at a version: where the bytes are, and size and digest to verify them by.
 *
 * @param model whose weights
 * @param version grows by one with each accepted publication, from 0
 * @param parent the version it was made from, -1 for the first
 * @param url where the bytes are: {@code file:} in one JVM, {@code http:} between nodes
 * @param bytes size of the file
 * @param sha256 of the file, lower-case hex
 * @param probes what the publisher computed with these weights
 */
public record Snapshot(
    Model model, long version, long parent, URI url, long bytes, String sha256, List<Probe> probes)
    implements WireMessage {
  public Snapshot {
    probes = List.copyOf(probes);
    if (version < 0 || parent >= version) {
      throw new IllegalArgumentException(
          "version %d of parent %d (expected: version >= 0 and parent < version)"
              .formatted(version, parent));
    }
    if (!sha256.matches("[0-9a-f]{64}")) {
      throw new IllegalArgumentException("sha256: " + sha256 + " (expected: 64 hex digits)");
    }
  }
}

package plaudit.snapshots;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import plaudit.files.Sha256;

/**
 * SHA-256 of each block of a file, by which a node with an older version knows what it need not
 * fetch. Two versions of a model have each tensor at the same place, so a tensor that did not
 * change is the same blocks, but for those at its ends.
 */
final class Blocks {

  /** Names the file that has the digests, after the name of the file that they are of. */
  static final String SUFFIX = ".blocks";

  /** Of a block; the last one may be shorter. */
  static final int BYTES = 1 << 18;

  private static final int DIGEST_BYTES = 32;

  private final byte[] digests;

  /**
   * A stretch of neighbouring blocks.
   *
   * @param end byte behind its last one
   * @param same whether both files have it
   */
  record Run(long end, boolean same) {}

  private Blocks(byte[] digests) {
    this.digests = digests;
  }

  /** Reads {@code file} through. */
  static Blocks of(Path file) throws IOException {
    byte[] digests = new byte[Math.toIntExact(indexBytes(Files.size(file)))];
    byte[] block = new byte[BYTES];
    MessageDigest digest = Sha256.digest();
    try (InputStream in = Files.newInputStream(file)) {
      for (int at = 0; at < digests.length; at += DIGEST_BYTES) {
        digest.update(block, 0, in.readNBytes(block, 0, BYTES));
        System.arraycopy(digest.digest(), 0, digests, at, DIGEST_BYTES);
      }
    }
    return new Blocks(digests);
  }

  /** The blocks that a file of {@link #toBytes} lists. */
  static Blocks read(Path index) throws IOException {
    return new Blocks(Files.readAllBytes(index));
  }

  /** The content of an index. */
  byte[] toBytes() {
    return digests.clone();
  }

  /** How long the index of a file is. */
  static long indexBytes(long fileBytes) {
    return (fileBytes + BYTES - 1) / BYTES * DIGEST_BYTES;
  }

  /**
   * Where this file of {@code bytes} is the same as one of the same length, from its beginning to
   * its end.
   */
  List<Run> against(Blocks other, long bytes) {
    List<Run> runs = new ArrayList<>();
    for (int at = 0; at < digests.length; at += DIGEST_BYTES) {
      int next = at + DIGEST_BYTES;
      boolean same =
          next <= other.digests.length && Arrays.equals(digests, at, next, other.digests, at, next);
      if (!runs.isEmpty() && runs.get(runs.size() - 1).same() == same) {
        runs.remove(runs.size() - 1);
      }
      runs.add(new Run(Math.min(bytes, (long) next / DIGEST_BYTES * BYTES), same));
    }
    return runs;
  }

  /**
   * Makes {@code part} the file of {@code snapshot}, after what it already holds: of {@code older},
   * a file of the same length, and of those blocks that it does not have, which come from the
   * server. Whether the result is right, its digest says.
   *
   * @throws SnapshotFileException.Unavailable when the server brings nothing more, or knows no
   *     blocks; what {@code part} holds by then is right as far as it goes
   */
  static void fill(Path part, Path older, Snapshot snapshot, Download download) throws IOException {
    Path index = part.resolveSibling(part.getFileName() + SUFFIX);
    try {
      Download.Source weights = Download.Source.at(snapshot.url());
      Download.Source blocks = Download.Source.at(URI.create(snapshot.url() + SUFFIX));
      download.fill(index, blocks, indexBytes(snapshot.bytes()));
      for (Run run : read(index).against(of(older), snapshot.bytes())) {
        if (run.same()) {
          copy(older, part, run.end());
        } else if (Download.size(part) < run.end()) {
          download.fill(part, weights, run.end());
        }
      }
    } finally {
      Files.deleteIfExists(index);
    }
  }

  /** Makes {@code part} as long as {@code end}, with the bytes that {@code older} has there. */
  private static void copy(Path older, Path part, long end) throws IOException {
    try (FileChannel from = FileChannel.open(older);
        FileChannel to =
            FileChannel.open(part, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      long at = to.size();
      to.position(at);
      while (at < end) {
        at += from.transferTo(at, end - at, to);
      }
    }
  }
}

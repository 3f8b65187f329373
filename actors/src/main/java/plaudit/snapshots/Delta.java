package plaudit.snapshots;

import java.io.IOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Makes a version's file of an older one of the same length and of those {@link Blocks} that it
 * does not have, which come from the server. Whether the result is right, its hash says.
 */
final class Delta {

  private final Download download;

  Delta(Download download) {
    this.download = download;
  }

  /**
   * Fills {@code part} after what it already holds.
   *
   * @throws SnapshotFileException.Unavailable when the server brings nothing more, or knows no
   *     blocks; what {@code part} holds by then is right as far as it goes
   */
  void fill(Path part, Path older, Snapshot snapshot) throws IOException {
    Path index = part.resolveSibling(part.getFileName() + Blocks.SUFFIX);
    try {
      URI blocks = URI.create(snapshot.url() + Blocks.SUFFIX);
      download.fill(index, blocks, Blocks.indexBytes(snapshot.bytes()));
      for (Blocks.Run run : Blocks.read(index).against(Blocks.of(older), snapshot.bytes())) {
        if (run.same()) {
          copy(older, part, run.end());
        } else if (Download.size(part) < run.end()) {
          download.fill(part, snapshot.url(), run.end());
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

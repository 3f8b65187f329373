package plaudit.files;

import java.io.File;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** What a power failure spares: the bytes of a file, or the names in a directory, once forced. */
@FunctionalInterface
interface Disk {

  /** The disk of this machine. Windows cannot force a directory, and does not need to. */
  Disk REAL =
      path -> {
        boolean unix = File.separatorChar == '/';
        if (unix || !Files.isDirectory(path)) {
          try (FileChannel channel =
              FileChannel.open(path, unix ? StandardOpenOption.READ : StandardOpenOption.WRITE)) {
            channel.force(true);
          }
        }
      };

  /** Returns when {@code path} is on the disk. */
  void force(Path path) throws IOException;
}

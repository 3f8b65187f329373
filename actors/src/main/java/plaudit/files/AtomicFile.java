package plaudit.files;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Objects;

/**
 * Writes a file so that its name always stands for whole content, the old or the new: the content
 * goes to {@code <name>.tmp} in the same directory, is forced to the disk, takes the name by an
 * atomic rename, and the directory is forced too. When a method returns, the new content survives a
 * power failure. Missing directories are made, as durably.
 *
 * <p>One writer at a time per file. A process that is killed while it writes leaves the {@code
 * .tmp}, which the next write of that file overwrites.
 */
public final class AtomicFile {

  /** What the name of an unfinished file ends with. */
  public static final String UNFINISHED = ".tmp";

  private AtomicFile() {}

  /** Writes the content of a file. */
  @FunctionalInterface
  public interface Content {
    /** Writes all bytes; need not force the channel, and may close it. */
    void writeTo(FileChannel channel) throws IOException;
  }

  /**
   * Writes {@code file}, replacing one of that name.
   *
   * @throws UncheckedIOException when that fails; the file is then as it was before, as also when
   *     {@code content} throws anything else
   */
  public static void write(Path file, Content content) {
    write(file, content, Disk.REAL);
  }

  /** The same with UTF-8 text. */
  public static void write(Path file, String text) {
    write(file, text.getBytes(StandardCharsets.UTF_8));
  }

  /** The same with bytes. */
  public static void write(Path file, byte[] bytes) {
    write(
        file,
        channel -> {
          ByteBuffer left = ByteBuffer.wrap(bytes);
          while (left.hasRemaining()) {
            channel.write(left);
          }
        });
  }

  static void write(Path file, Content content, Disk disk) {
    Path whole = file.toAbsolutePath();
    Path directory = Objects.requireNonNull(whole.getParent(), "a file is in a directory");
    Path unfinished = whole.resolveSibling(whole.getFileName() + UNFINISHED);
    try {
      FileTree.create(directory, disk);
      try {
        try (FileChannel channel =
            FileChannel.open(
                unfinished,
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.WRITE)) {
          content.writeTo(channel);
        }
        disk.force(unfinished);
        rename(unfinished, whole);
      } finally {
        Files.deleteIfExists(unfinished);
      }
      disk.force(directory);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
  }

  /**
   * Renames a file or a directory, replacing a file of the new name, in one step that other
   * processes see as a whole. Forces nothing: for content that is checked whenever it is used.
   */
  public static void rename(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}

package plaudit.files;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** Directories with all that is below them. */
public final class FileTree {

  private FileTree() {}

  /** Makes {@code directory} and those above it that are missing; they survive a power failure. */
  public static void create(Path directory) {
    try {
      create(directory.toAbsolutePath(), Disk.REAL);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot make " + directory, e);
    }
  }

  static void create(Path directory, Disk disk) throws IOException {
    Path parent = directory.getParent();
    if (parent != null && !Files.isDirectory(directory)) {
      create(parent, disk);
      Files.createDirectories(directory); // another thread may have made it
      disk.force(parent);
    }
  }

  /**
   * Writes a directory so that its name stands for whole content, the old or the new: {@code
   * content} fills one with a hidden name beside it, which is forced to the disk and renamed.
   *
   * @throws UncheckedIOException when that fails; the directory is then as it was before, as also
   *     when {@code content} throws anything else
   */
  public static void write(Path directory, Consumer<Path> content) {
    write(directory, content, Disk.REAL);
  }

  static void write(Path directory, Consumer<Path> content, Disk disk) {
    Path target = directory.toAbsolutePath().normalize();
    String hidden = "." + target.getFileName() + "." + UUID.randomUUID();
    Path fresh = target.resolveSibling(hidden + ".new");
    Path old = target.resolveSibling(hidden + ".old");
    try {
      create(fresh, disk);
      content.accept(fresh);
      for (Path path : deepestFirst(fresh)) {
        disk.force(path);
      }
      if (Files.exists(target)) {
        AtomicFile.rename(target, old);
      }
      try {
        AtomicFile.rename(fresh, target);
      } catch (IOException e) {
        if (Files.exists(old)) {
          AtomicFile.rename(old, target);
        }
        throw e;
      }
      disk.force(target.resolveSibling("."));
      delete(old);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + directory, e);
    } finally {
      delete(fresh);
    }
  }

  /** Deletes {@code tree} with all that is below it; none of that name is fine. */
  public static void delete(Path tree) {
    try {
      for (Path path : deepestFirst(tree)) {
        Files.deleteIfExists(path);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot delete " + tree, e);
    }
  }

  private static List<Path> deepestFirst(Path tree) throws IOException {
    if (!Files.exists(tree)) {
      return List.of();
    }
    try (Stream<Path> paths = Files.walk(tree)) {
      return paths.sorted(Comparator.reverseOrder()).toList();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }
}

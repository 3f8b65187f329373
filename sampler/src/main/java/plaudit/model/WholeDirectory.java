package plaudit.model;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** Directories that appear whole: filled under a hidden name beside the target, then renamed. */
final class WholeDirectory {

  private WholeDirectory() {}

  /** Lets {@code content} fill a new directory and gives it the name {@code dir}. */
  static void write(Path dir, Consumer<Path> content) {
    Path target = dir.toAbsolutePath().normalize();
    String hidden = "." + target.getFileName() + "." + UUID.randomUUID();
    Path fresh = target.resolveSibling(hidden + ".new");
    Path old = target.resolveSibling(hidden + ".old");
    try {
      Files.createDirectories(fresh);
      content.accept(fresh);
      if (Files.exists(target)) {
        Files.move(target, old, StandardCopyOption.ATOMIC_MOVE);
      }
      Files.move(fresh, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      putBack(old, target);
      delete(fresh);
      delete(old);
    }
  }

  /** If the second rename failed, what was there before is there again. */
  private static void putBack(Path old, Path target) {
    if (Files.exists(old) && !Files.exists(target)) {
      try {
        Files.move(old, target, StandardCopyOption.ATOMIC_MOVE);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static void delete(Path tree) {
    if (!Files.exists(tree)) {
      return;
    }
    try (Stream<Path> walk = Files.walk(tree)) {
      List<Path> deepestFirst = walk.sorted(Comparator.reverseOrder()).toList();
      for (Path path : deepestFirst) {
        Files.delete(path);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

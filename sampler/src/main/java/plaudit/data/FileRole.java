package plaudit.data;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The role of a file by its name. Names such as {@code heldout.jsonl}, {@code test.txt}, {@code
 * valid-subset.json} or {@code prompts-val.txt} mark what is kept for measuring.
 */
final class FileRole {

  private static final Pattern HELD_OUT =
      Pattern.compile(
          "(.*[-_.])?(held[-_]?out|test|testing|testset|valid|validation|val|dev)([-_.0-9].*)?");

  private FileRole() {}

  /** The files of a folder by role, each in order of name. */
  record Split(List<Path> training, List<Path> heldOut) {

    /** Parts {@code files} by the names they have below {@code root}. */
    static Split of(Path root, List<Path> files) {
      Map<Boolean, List<Path>> parts =
          files.stream().collect(Collectors.partitioningBy(file -> isHeldOut(root, file)));
      return new Split(parts.getOrDefault(false, List.of()), parts.getOrDefault(true, List.of()));
    }
  }

  /** Whether the name marks what is kept for measuring. */
  static boolean isHeldOut(String name) {
    return HELD_OUT.matcher(name.toLowerCase(Locale.ROOT)).matches();
  }

  /** Whether the name of the file, or of a folder between it and {@code root}, marks it so. */
  private static boolean isHeldOut(Path root, Path file) {
    for (Path part : root.relativize(file)) {
      if (isHeldOut(part.toString())) {
        return true;
      }
    }
    return false;
  }
}

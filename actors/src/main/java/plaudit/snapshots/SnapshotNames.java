package plaudit.snapshots;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** How files in a directory of snapshots are called, and which are there. */
final class SnapshotNames {

  private static final Pattern NAME = Pattern.compile("[a-z]+-[0-9]{1,18}\\.safetensors");
  private static final String SUFFIX = ".safetensors";
  private static final String PART = ".part";

  private final Path directory;

  SnapshotNames(Path directory) {
    this.directory = directory;
  }

  /** The place of a version's weights. */
  Path file(Model model, long version) {
    return directory.resolve(model.slug() + "-" + version + SUFFIX);
  }

  /** The place of what a download of {@code snapshot} has brought. */
  Path part(Snapshot snapshot) {
    return directory.resolve(snapshot.model().slug() + "-" + snapshot.sha256() + PART);
  }

  /** The place of the {@link Blocks} of a version's weights. */
  static Path blocksOf(Path file) {
    return file.resolveSibling(file.getFileName() + Blocks.SUFFIX);
  }

  /** The weights of this name, if it is one and they are there. */
  Optional<Path> find(String name) {
    return Optional.of(directory.resolve(name))
        .filter(file -> NAME.matcher(name).matches() && Files.isRegularFile(file));
  }

  /** Weights of a model, the newest first. */
  List<Path> newestFirst(Model model) throws IOException {
    return list(SUFFIX).stream()
        .filter(file -> versionOf(model, file).isPresent())
        .sorted(
            Comparator.comparingLong((Path file) -> versionOf(model, file).orElse(0)).reversed())
        .toList();
  }

  /** Parts of downloads of a model. */
  List<Path> parts(Model model) throws IOException {
    return list(PART).stream()
        .filter(file -> file.getFileName().toString().startsWith(model.slug() + "-"))
        .toList();
  }

  /** Files with this ending. */
  List<Path> list(String suffix) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .filter(file -> file.getFileName().toString().endsWith(suffix))
          .filter(Files::isRegularFile)
          .toList();
    }
  }

  /** The name of weights without its ending. */
  static String stem(String name) {
    return name.substring(0, name.length() - SUFFIX.length());
  }

  /** Whether these are the weights of the reference, which KL is measured against. */
  static boolean isReference(Path file) {
    return versionOf(Model.POLICY, file).orElse(-1) == 0;
  }

  /** The version of a model's weights; empty for any other file. */
  static OptionalLong versionOf(Model model, Path file) {
    return versionOf(model, file.getFileName().toString());
  }

  /** The same of a file's name. */
  static OptionalLong versionOf(Model model, String name) {
    String prefix = model.slug() + "-";
    String version =
        name.startsWith(prefix) && name.endsWith(SUFFIX)
            ? name.substring(prefix.length(), name.length() - SUFFIX.length())
            : "";
    return version.matches("[0-9]{1,18}")
        ? OptionalLong.of(Long.parseLong(version))
        : OptionalLong.empty();
  }
}

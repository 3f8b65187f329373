package plaudit.parallel;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import plaudit.files.AtomicFile;
import plaudit.input.InvalidInputException;

/**
 * The plans of all steps of each update that was shared with helpers: a file of protobuf for each,
 * {@code policy-<version>.shards}, of some bytes a step. An update without a file was computed by
 * the learner alone.
 */
public final class ShardLog {

  private final Optional<Path> directory;

  private ShardLog(Optional<Path> directory) {
    this.directory = directory;
  }

  /** Keeps nothing and has no update. */
  public static ShardLog none() {
    return new ShardLog(Optional.empty());
  }

  /** In a directory, which is made when the first update was shared. */
  public static ShardLog in(Path directory) {
    return new ShardLog(Optional.of(directory));
  }

  /**
   * The steps of the update that made {@code version}; none if the learner made it alone.
   *
   * @throws InvalidInputException naming a file of other content
   */
  List<ShardPlan> of(long version) {
    Optional<Path> file = directory.map(where -> file(where, version)).filter(Files::isRegularFile);
    return file.isEmpty() ? List.of() : read(file.get(), version);
  }

  /** Keeps an update, perhaps a repeated one. When this returns, its steps are on the disk. */
  void keep(long version, List<ShardPlan> steps) {
    if (directory.isEmpty()) {
      return;
    }
    Path file = file(directory.get(), version);
    if (steps.stream().anyMatch(ShardPlan::isShared)) {
      AtomicFile.write(file, GradientCodec.toBytes(version, steps));
      return;
    }
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot delete " + file, e);
    }
  }

  private static Path file(Path directory, long version) {
    return directory.resolve("policy-" + version + ".shards");
  }

  private static List<ShardPlan> read(Path file, long version) {
    try {
      return GradientCodec.fromBytes(version, Files.readAllBytes(file));
    } catch (IllegalArgumentException e) {
      throw InvalidInputException.of(
          file.toString(), String.valueOf(e.getMessage()), "the shards of an update");
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }
}

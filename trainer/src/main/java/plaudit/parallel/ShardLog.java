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
 * How the steps of each update were divided that helpers had a part in: a file for each, {@code
 * policy-<version>.shards}, of some bytes a step. An update without a file was made by the learner
 * alone.
 */
public final class ShardLog {

  private final Optional<Path> directory;

  private ShardLog(Optional<Path> directory) {
    this.directory = directory;
  }

  /** Keeps nothing and knows of nothing. */
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
   * @throws InvalidInputException naming a file that says something else
   */
  List<ShardPlan> of(long version) {
    Optional<Path> file = directory.map(where -> file(where, version)).filter(Files::isRegularFile);
    return file.isEmpty() ? List.of() : read(file.get(), version);
  }

  /** An update was made, perhaps again. When this returns, its steps are on the disk. */
  void keep(long version, List<ShardPlan> steps) {
    if (directory.isEmpty()) {
      return;
    }
    Path file = file(directory.get(), version);
    try {
      if (steps.stream().anyMatch(ShardPlan::isShared)) {
        AtomicFile.write(file, ShardLogCodec.toBytes(version, steps));
      } else {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
  }

  private static Path file(Path directory, long version) {
    return directory.resolve("policy-" + version + ".shards");
  }

  private static List<ShardPlan> read(Path file, long version) {
    try {
      return ShardLogCodec.fromBytes(version, Files.readAllBytes(file));
    } catch (IllegalArgumentException e) {
      throw InvalidInputException.of(
          file.toString(), String.valueOf(e.getMessage()), "the shards of an update");
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }
}

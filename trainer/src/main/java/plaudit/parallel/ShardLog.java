package plaudit.parallel;

import com.google.protobuf.InvalidProtocolBufferException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import plaudit.files.AtomicFile;
import plaudit.input.InvalidInputException;
import plaudit.parallel.ShardPlan.Portion;
import plaudit.policy.ComputeShape;
import plaudit.wire.v1.GradientWire;

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
      AtomicFile.write(file, toBytes(version, steps));
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
      return fromBytes(version, Files.readAllBytes(file));
    } catch (IllegalArgumentException e) {
      throw InvalidInputException.of(
          file.toString(), String.valueOf(e.getMessage()), "the shards of an update");
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }

  static byte[] toBytes(long version, List<ShardPlan> steps) {
    return GradientWire.SharedUpdate.newBuilder()
        .setVersion(version)
        .addAllSteps(steps.stream().map(ShardLog::toWire).toList())
        .build()
        .toByteArray();
  }

  /**
   * Reads {@link #toBytes} back.
   *
   * @throws IllegalArgumentException if {@code bytes} are not of {@code version}
   */
  static List<ShardPlan> fromBytes(long version, byte[] bytes) {
    try {
      GradientWire.SharedUpdate wire = GradientWire.SharedUpdate.parseFrom(bytes);
      if (wire.getVersion() != version) {
        throw new IllegalArgumentException("of version " + wire.getVersion());
      }
      return wire.getStepsList().stream().map(ShardLog::fromWire).toList();
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  private static GradientWire.SharedStep toWire(ShardPlan plan) {
    GradientWire.SharedStep.Builder step = GradientWire.SharedStep.newBuilder();
    for (Portion portion : plan.portions()) {
      GradientWire.Portion.Builder wire = step.addPortionsBuilder().setRows(portion.rows());
      portion
          .helper()
          .ifPresent(
              shape ->
                  wire.setBrought(true)
                      .setMicroBatch(shape.microBatch())
                      .setThreads(shape.threads()));
    }
    return step.build();
  }

  private static ShardPlan fromWire(GradientWire.SharedStep wire) {
    return new ShardPlan(
        wire.getPortionsList().stream()
            .map(
                portion ->
                    new Portion(
                        portion.getRows(),
                        portion.getBrought()
                            ? Optional.of(
                                new ComputeShape(portion.getMicroBatch(), portion.getThreads()))
                            : Optional.empty()))
            .toList());
  }
}

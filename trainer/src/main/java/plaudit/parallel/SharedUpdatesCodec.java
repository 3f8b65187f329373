package plaudit.parallel;

import com.google.protobuf.InvalidProtocolBufferException;
import java.util.List;
import java.util.Optional;
import plaudit.parallel.Division.Portion;
import plaudit.policy.Manner;
import plaudit.wire.v1.GradientWire;

/** {@link SharedUpdates} as protobuf, and back. */
final class SharedUpdatesCodec {

  private SharedUpdatesCodec() {}

  static byte[] toBytes(long version, List<Division> steps) {
    return GradientWire.SharedUpdate.newBuilder()
        .setVersion(version)
        .addAllSteps(steps.stream().map(SharedUpdatesCodec::toWire).toList())
        .build()
        .toByteArray();
  }

  /**
   * What {@code bytes} say.
   *
   * @throws IllegalArgumentException if they say nothing of {@code version}
   */
  static List<Division> fromBytes(long version, byte[] bytes) {
    try {
      GradientWire.SharedUpdate wire = GradientWire.SharedUpdate.parseFrom(bytes);
      if (wire.getVersion() != version) {
        throw new IllegalArgumentException("of version " + wire.getVersion());
      }
      return wire.getStepsList().stream().map(SharedUpdatesCodec::fromWire).toList();
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  private static GradientWire.SharedStep toWire(Division division) {
    return GradientWire.SharedStep.newBuilder()
        .addAllPortions(division.portions().stream().map(SharedUpdatesCodec::toWire).toList())
        .build();
  }

  private static GradientWire.Portion toWire(Portion portion) {
    GradientWire.Portion.Builder wire = GradientWire.Portion.newBuilder().setRows(portion.rows());
    portion
        .brought()
        .ifPresent(
            manner ->
                wire.setBrought(true)
                    .setMicroBatch(manner.microBatch())
                    .setThreads(manner.threads()));
    return wire.build();
  }

  private static Portion fromWire(GradientWire.Portion wire) {
    return new Portion(
        wire.getRows(),
        wire.getBrought()
            ? Optional.of(new Manner(wire.getMicroBatch(), wire.getThreads()))
            : Optional.empty());
  }

  private static Division fromWire(GradientWire.SharedStep wire) {
    return new Division(wire.getPortionsList().stream().map(SharedUpdatesCodec::fromWire).toList());
  }
}

package plaudit.parallel;

import com.google.protobuf.InvalidProtocolBufferException;
import java.util.List;
import java.util.Optional;
import plaudit.parallel.ShardPlan.Portion;
import plaudit.policy.ComputeShape;
import plaudit.wire.v1.GradientWire;

/** {@link ShardLog} as protobuf, and back. */
final class ShardLogCodec {

  private ShardLogCodec() {}

  static byte[] toBytes(long version, List<ShardPlan> steps) {
    return GradientWire.SharedUpdate.newBuilder()
        .setVersion(version)
        .addAllSteps(steps.stream().map(ShardLogCodec::toWire).toList())
        .build()
        .toByteArray();
  }

  /**
   * What {@code bytes} say.
   *
   * @throws IllegalArgumentException if they say nothing of {@code version}
   */
  static List<ShardPlan> fromBytes(long version, byte[] bytes) {
    try {
      GradientWire.SharedUpdate wire = GradientWire.SharedUpdate.parseFrom(bytes);
      if (wire.getVersion() != version) {
        throw new IllegalArgumentException("of version " + wire.getVersion());
      }
      return wire.getStepsList().stream().map(ShardLogCodec::fromWire).toList();
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  private static GradientWire.SharedStep toWire(ShardPlan division) {
    return GradientWire.SharedStep.newBuilder()
        .addAllPortions(division.portions().stream().map(ShardLogCodec::toWire).toList())
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
            ? Optional.of(new ComputeShape(wire.getMicroBatch(), wire.getThreads()))
            : Optional.empty());
  }

  private static ShardPlan fromWire(GradientWire.SharedStep wire) {
    return new ShardPlan(wire.getPortionsList().stream().map(ShardLogCodec::fromWire).toList());
  }
}

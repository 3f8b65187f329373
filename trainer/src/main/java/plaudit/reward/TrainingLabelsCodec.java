package plaudit.reward;

import com.google.protobuf.InvalidProtocolBufferException;
import plaudit.labels.actor.LabelCodec;
import plaudit.reward.TrainingLabels.Read;
import plaudit.wire.v1.LabelWire;

/** {@link TrainingLabels} as protobuf, and back. */
final class TrainingLabelsCodec {

  private TrainingLabelsCodec() {}

  static byte[] toBytes(Read read) {
    return LabelWire.TrainingLabels.newBuilder()
        .setVersion(read.version())
        .setHighWater(read.highWater())
        .addAllLabels(read.labels().stream().map(LabelCodec::toWire).toList())
        .build()
        .toByteArray();
  }

  /**
   * Reads what {@link #toBytes} wrote.
   *
   * @throws IllegalArgumentException if it is something else
   */
  static Read fromBytes(byte[] bytes) {
    try {
      LabelWire.TrainingLabels wire = LabelWire.TrainingLabels.parseFrom(bytes);
      return new Read(
          wire.getVersion(),
          wire.getHighWater(),
          wire.getLabelsList().stream().map(LabelCodec::fromWire).toList());
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }
}

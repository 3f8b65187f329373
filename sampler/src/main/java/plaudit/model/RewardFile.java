package plaudit.model;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;

/** The scale of a reward model beside its weights: {@code gain * head + bias} (paper 1.3). */
public final class RewardFile {

  /** The scale's tensors, after the reward head. */
  public static final List<TensorSpec> SCALE =
      List.of(TensorSpec.of("reward_gain", 1), TensorSpec.of("reward_bias", 1));

  private RewardFile() {}

  /** Gain and bias of the normalised reward. */
  public record Scale(float gain, float bias) {}

  /** Reads the scale from a snapshot file. */
  public static Scale scale(Path file) {
    Safetensors tensors = Safetensors.open(file);
    return new Scale(
        number(tensors.readF32(SCALE.get(0).name())), number(tensors.readF32(SCALE.get(1).name())));
  }

  private static float number(ByteBuffer one) {
    return one.order(ByteOrder.LITTLE_ENDIAN).getFloat(one.position());
  }
}

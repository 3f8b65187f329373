package plaudit.language;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;
import plaudit.model.Compute;
import plaudit.model.Layout;
import plaudit.model.ModelConfig;
import plaudit.model.ScalarHead;
import plaudit.model.TensorSpec;
import plaudit.model.Weights;

/**
 * Random weights to begin pretraining with, as GPT-2 does: matrices normal with deviation 0.02,
 * projections back into the residual stream scaled by 1/sqrt(2 * layers), norms one, biases zero.
 */
public final class FreshWeights {

  private static final double DEVIATION = 0.02;

  private FreshWeights() {}

  /** Trainable weights with a zero scalar head; the same seed gives the same weights. */
  public static Weights of(ModelConfig config, long seed, Compute compute) {
    Random random = new Random(seed);
    return Weights.read(
        ScalarHead.VALUE.appendTo(Layout.of(config)),
        spec -> fill(spec, config, random),
        true,
        compute);
  }

  private static ByteBuffer fill(TensorSpec spec, ModelConfig config, Random random) {
    String name = spec.name();
    ByteBuffer bytes =
        ByteBuffer.allocateDirect(Math.toIntExact(4 * spec.size())).order(ByteOrder.LITTLE_ENDIAN);
    boolean norm = name.endsWith(".weight") && spec.shape().size() == 1;
    boolean matrix = spec.shape().size() > 1 && !ScalarHead.VALUE.owns(spec);
    double deviation =
        Layout.isProjectionBack(config, spec)
            ? DEVIATION / Math.sqrt(2.0 * config.layers())
            : DEVIATION;
    for (long i = 0; i < spec.size(); i++) {
      bytes.putFloat(norm ? 1 : matrix ? (float) (deviation * random.nextGaussian()) : 0);
    }
    return bytes.flip();
  }
}

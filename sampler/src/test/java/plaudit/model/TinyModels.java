package plaudit.model;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.random.RandomGenerator;
import plaudit.tokens.Tokens;

/** Small random networks and texts for tests. */
public final class TinyModels {

  private TinyModels() {}

  /** Two layers, two heads, 16 channels, 37 tokens, 32 positions. */
  public static ModelConfig config(Activation activation, boolean tied) {
    return with(ModelConfig.gpt2(2, 2, 16, 32, 37), activation, tied);
  }

  /** The same with another non-linearity and head. */
  static ModelConfig with(ModelConfig config, Activation activation, boolean tied) {
    return new ModelConfig(
        config.family(),
        config.layers(),
        config.width(),
        config.attention(),
        config.innerWidth(),
        activation,
        config.context(),
        config.vocabulary(),
        config.normEpsilon(),
        config.rotary(),
        config.biases(),
        config.parallel(),
        tied,
        config.tokens());
  }

  /** Weights in the layout's order, then a scalar head; normal with a deviation of 0.3. */
  public static Weights weights(ModelConfig config, boolean trainable, long seed) {
    List<TensorSpec> specs = new ArrayList<>(Layout.of(config));
    specs.add(TensorSpec.of("head.weight", 1, config.width()));
    specs.add(TensorSpec.of("head.bias", 1));
    Random random = new Random(seed);
    return Weights.read(specs, spec -> normal(spec, random), trainable, Compute.cpu(1));
  }

  /** A random text. */
  public static Tokens text(RandomGenerator random, int length, int vocabulary) {
    return Tokens.of(random.ints(length, 0, vocabulary).toArray());
  }

  private static ByteBuffer normal(TensorSpec spec, Random random) {
    ByteBuffer bytes =
        ByteBuffer.allocateDirect(Math.toIntExact(4 * spec.size())).order(ByteOrder.LITTLE_ENDIAN);
    boolean norm = spec.shape().size() == 1 && spec.name().endsWith(".weight");
    float shift = norm ? 1 : 0;
    for (long i = 0; i < spec.size(); i++) {
      bytes.putFloat(shift + (float) (0.3 * random.nextGaussian()));
    }
    return bytes.flip();
  }
}

package plaudit.model;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import plaudit.input.InvalidInputException;
import plaudit.tokens.Tokens;

/**
 * A reward model as a Hugging Face directory: the trunk as in any model, and beside it the head and
 * the scale as extra tensors. What a run leaves behind and what {@code reward train} writes.
 *
 * @param directory with the extras checked
 */
public record RewardDirectory(ModelDirectory directory) {

  /** Opens {@code dir}; one that has no reward head or scale is refused. */
  public static RewardDirectory open(Path dir) {
    ModelDirectory directory = ModelDirectory.open(dir);
    for (TensorSpec spec : extras(directory.config())) {
      List<Long> shape =
          directory.extra(spec.name()).map(extra -> extra.spec().shape()).orElse(List.of());
      if (!shape.equals(spec.shape())) {
        throw InvalidInputException.of(
            dir + ": " + spec.name(),
            shape.isEmpty() ? "missing" : shape,
            spec.shape() + ", as in a reward model");
      }
    }
    return new RewardDirectory(directory);
  }

  /** Head and scale, in the order they have behind the layout. */
  public static List<TensorSpec> extras(ModelConfig config) {
    List<TensorSpec> layout = Gpt2Layout.of(config);
    List<TensorSpec> all = ScalarHead.REWARD.appendTo(layout);
    List<TensorSpec> extras = new ArrayList<>(all.subList(layout.size(), all.size()));
    extras.addAll(RewardFile.SCALE);
    return List.copyOf(extras);
  }

  /**
   * Writes one; see {@link ModelDirectory#write}.
   *
   * @param weights of the layout, the head and the scale
   * @param texts files beside the model
   */
  public static void write(
      Path dir,
      ModelConfig config,
      Function<TensorSpec, ByteBuffer> weights,
      Path tokenizerSource,
      Map<String, String> texts) {
    List<ModelDirectory.Extra> extras =
        extras(config).stream()
            .map(spec -> new ModelDirectory.Extra(spec, weights.apply(spec)))
            .toList();
    ModelDirectory.write(dir, config, weights, extras, Dtype.F32, tokenizerSource, texts);
  }

  /** A net whose scores lack the scale; the caller closes it. */
  public TorchNet net(Compute compute) {
    List<TensorSpec> specs = ScalarHead.REWARD.appendTo(Gpt2Layout.of(directory.config()));
    return TorchNet.of(
        directory.config(), Weights.read(specs, this::tensor, false, compute), compute);
  }

  /** Gain and bias. */
  public RewardFile.Scale scale() {
    return new RewardFile.Scale(number(0), number(1));
  }

  /** The rewards of {@code sequences} under {@code net}, scaled. */
  public float[] score(TorchNet net, List<Tokens> sequences) {
    RewardFile.Scale scale = scale();
    float[] rewards = net.reward(sequences);
    for (int i = 0; i < rewards.length; i++) {
      rewards[i] = scale.gain() * rewards[i] + scale.bias();
    }
    return rewards;
  }

  private float number(int index) {
    ByteBuffer one = tensor(RewardFile.SCALE.get(index)).order(ByteOrder.LITTLE_ENDIAN);
    return one.getFloat(one.position());
  }

  private ByteBuffer tensor(TensorSpec spec) {
    return directory
        .extra(spec.name())
        .map(ModelDirectory.Extra::data)
        .orElseGet(() -> directory.weight(spec));
  }
}

package plaudit.model;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import plaudit.input.InvalidInputException;
import plaudit.tokens.Tokens;

/**
 * A reward model as a Hugging Face directory: the trunk as in any model, and beside it the head and
 * the scale as extra tensors. What a run leaves behind and what {@code reward train} writes; or a
 * model of another trainer, whose head has another name and whose scale is 1.
 *
 * @param directory with the extras checked
 * @param head what the head's tensors are called there, without {@code .weight} and {@code .bias}
 */
public record RewardDirectory(ModelDirectory directory, String head) {

  private static final String OWN = "reward_head";

  /** Heads of transformers' classifiers with one label, and of TRL's models with a value. */
  private static final List<String> OTHERS = List.of("score", "v_head.summary");

  /** Opens {@code dir}; one that has no reward head, or an own one without scale, is refused. */
  public static RewardDirectory open(Path dir) {
    ModelDirectory directory = ModelDirectory.open(dir);
    Optional<String> other = headOfAnother(directory);
    if (other.isPresent()) {
      return new RewardDirectory(directory, other.get());
    }
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
    return new RewardDirectory(directory, OWN);
  }

  /** What the scalar head of another trainer is called in a model that has one. */
  static Optional<String> headOfAnother(ModelDirectory directory) {
    List<Long> row = List.of(1L, (long) directory.config().width());
    return OTHERS.stream()
        .filter(
            head ->
                directory
                    .extra(head + ".weight")
                    .filter(extra -> extra.spec().shape().equals(row))
                    .isPresent())
        .findFirst();
  }

  /** Head and scale, in the order they have behind the layout. */
  public static List<TensorSpec> extras(ModelConfig config) {
    List<TensorSpec> layout = Layout.of(config);
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
    List<TensorSpec> specs = ScalarHead.REWARD.appendTo(Layout.of(directory.config()));
    return TorchNet.of(directory.config(), Weights.copy(specs, this::tensor, compute), compute);
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

  /** A weight of the trunk, of the head or of the scale. */
  public ByteBuffer tensor(TensorSpec spec) {
    if (!head.equals(OWN) && RewardFile.SCALE.contains(spec)) {
      return one(spec.equals(RewardFile.SCALE.get(0)) ? 1 : 0);
    }
    if (!ScalarHead.REWARD.owns(spec) && !RewardFile.SCALE.contains(spec)) {
      return directory.weight(spec);
    }
    return directory
        .extra(spec.name().replace(OWN, head))
        .map(ModelDirectory.Extra::data)
        .orElseGet(() -> one(0)); // a classifier's head has no bias
  }

  private static ByteBuffer one(float value) {
    return ByteBuffer.allocateDirect(4).order(ByteOrder.LITTLE_ENDIAN).putFloat(value).flip();
  }
}

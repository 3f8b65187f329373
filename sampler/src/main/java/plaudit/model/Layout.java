package plaudit.model;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which weights a model has, in the one order that everything here relies on: embeddings, layers
 * from the first to the last, the final norm, an untied head. Names are those of its family's files
 * without the prefix.
 */
public final class Layout {

  private final ModelConfig config;
  private final List<TensorSpec> specs = new ArrayList<>();
  private final Map<String, Integer> places = new HashMap<>();

  private Layout(ModelConfig config) {
    this.config = config;
    Family family = config.family();
    int width = config.width();
    add("embedding.weight", 0, config.vocabulary(), width);
    if (family.has("positions")) {
      add("positions.weight", 0, config.context(), width);
    }
    for (int layer = 0; layer < config.layers(); layer++) {
      addLayer(layer);
    }
    addNorm("final_norm", 0, width);
    if (!config.tiedHead()) {
      add("head.weight", 0, config.vocabulary(), width);
    }
  }

  /** The weights of a model. */
  public static List<TensorSpec> of(ModelConfig config) {
    return List.copyOf(new Layout(config).specs);
  }

  /**
   * The place of each weight in that list by what it is: {@code embedding.weight}, {@code
   * 3.query.bias} and so on.
   */
  static Map<String, Integer> places(ModelConfig config) {
    return Map.copyOf(new Layout(config).places);
  }

  /** Whether a weight is a matrix of a layer: what adapters stand beside. */
  public static boolean isLayerMatrix(TensorSpec spec) {
    return spec.shape().size() == 2 && spec.name().matches("\\w+\\.\\d+\\..*");
  }

  /** The name of a weight in a Hugging Face directory. */
  public static String storedName(ModelConfig config, TensorSpec spec) {
    Family family = config.family();
    return spec.name().equals(head(family)) ? spec.name() : family.prefix() + spec.name();
  }

  /** Whether a weight is the projection of a layer back into the hidden state. */
  public static boolean isProjectionBack(ModelConfig config, TensorSpec spec) {
    String name = spec.name().replaceFirst("\\.\\d+\\.", ".0.");
    return name.equals(config.family().tensor("output", 0) + ".weight")
        || name.equals(config.family().tensor("down", 0) + ".weight");
  }

  /** The name of an untied head's weight. */
  static String head(Family family) {
    return family.tensor("head", 0) + ".weight";
  }

  private void addLayer(int layer) {
    Family family = config.family();
    ModelConfig.Biases biases = config.biases();
    int width = config.width();
    int head = config.headWidth();
    int queries = config.heads() * head;
    int keys = config.attention().keyHeads() * head;
    addNorm("norm1", layer, width);
    for (String part : List.of("qkv", "qkv_by_head", "query", "key", "value")) {
      if (family.has(part)) {
        int out =
            part.startsWith("qkv") ? queries + 2 * keys : part.equals("query") ? queries : keys;
        addLinear(part, layer, width, out, biases.query());
      }
    }
    if (family.has("query_norm")) {
      addNorm("query_norm", layer, head);
      addNorm("key_norm", layer, head);
    }
    addLinear("output", layer, queries, width, biases.output());
    addNorm("norm2", layer, width);
    if (family.has("gate")) {
      addLinear("gate", layer, width, config.innerWidth(), biases.inner());
    }
    addLinear("up", layer, width, config.innerWidth(), biases.inner());
    addLinear("down", layer, config.innerWidth(), width, biases.inner());
  }

  private void addNorm(String part, int layer, int width) {
    add(part + ".weight", layer, width);
    if (config.family().norm() == Family.Norm.LAYER) {
      add(part + ".bias", layer, width);
    }
  }

  private void addLinear(String part, int layer, int in, int out, boolean bias) {
    if (config.family().inputFirst()) {
      add(part + ".weight", layer, in, out);
    } else {
      add(part + ".weight", layer, out, in);
    }
    if (bias) {
      add(part + ".bias", layer, out);
    }
  }

  private void add(String part, int layer, long... shape) {
    int dot = part.lastIndexOf('.');
    String pattern = config.family().tensor(part.substring(0, dot), layer);
    boolean repeated = config.family().isRepeated(part.substring(0, dot));
    places.put(repeated ? layer + "." + part : part, specs.size());
    specs.add(TensorSpec.of(pattern + part.substring(dot), shape));
  }
}

package plaudit.model;

import java.util.ArrayList;
import java.util.List;

/**
 * Which weights a GPT-2 model has, in the one order that everything here relies on.
 *
 * <p>Matrices are Conv1D's: {@code [in, out]}, so that a layer is {@code x @ weight + bias}; {@code
 * c_attn} holds query, key and value side by side. A tied model has no head of its own.
 */
public final class Gpt2Layout {

  /** The head of an untied model: {@code [vocabulary, width]}. */
  public static final String HEAD = "lm_head.weight";

  private Gpt2Layout() {}

  /** Embeddings, layers from the first to the last, the final layer norm, an untied head. */
  public static List<TensorSpec> of(ModelConfig config) {
    long width = config.width();
    List<TensorSpec> specs = new ArrayList<>();
    specs.add(TensorSpec.of("wte.weight", config.vocabulary(), width));
    specs.add(TensorSpec.of("wpe.weight", config.context(), width));
    for (int layer = 0; layer < config.layers(); layer++) {
      String h = "h." + layer + ".";
      addNorm(specs, h + "ln_1", width);
      addLinear(specs, h + "attn.c_attn", width, 3 * width);
      addLinear(specs, h + "attn.c_proj", width, width);
      addNorm(specs, h + "ln_2", width);
      addLinear(specs, h + "mlp.c_fc", width, config.innerWidth());
      addLinear(specs, h + "mlp.c_proj", config.innerWidth(), width);
    }
    addNorm(specs, "ln_f", width);
    if (!config.tiedHead()) {
      specs.add(TensorSpec.of(HEAD, config.vocabulary(), width));
    }
    return List.copyOf(specs);
  }

  private static void addNorm(List<TensorSpec> specs, String name, long width) {
    specs.add(TensorSpec.of(name + ".weight", width));
    specs.add(TensorSpec.of(name + ".bias", width));
  }

  private static void addLinear(List<TensorSpec> specs, String name, long in, long out) {
    specs.add(TensorSpec.of(name + ".weight", in, out));
    specs.add(TensorSpec.of(name + ".bias", out));
  }
}

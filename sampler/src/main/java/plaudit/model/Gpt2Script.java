package plaudit.model;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * GPT-2's forward pass as TorchScript text: {@code gpt2.py} beside this class, which also says what
 * the methods expect, with the numbers of one configuration filled in and its layers written out.
 */
public final class Gpt2Script {

  private static final Pattern WEIGHT = Pattern.compile("\\bw\\[([a-z][\\w.]*)]");
  private static final Pattern LAYER =
      Pattern.compile(" *# each layer\\n(.*?) *# end of layer\\n", Pattern.DOTALL);
  private static final Pattern COMMENT = Pattern.compile("(?m)^ *#.*\\n|^\\n");
  private static final Pattern DROPOUT = Pattern.compile("(?m)^(.*)  # with dropout\\n");
  private static final Pattern METHOD = Pattern.compile("(?m)^(?=def )");
  private static final String TEXT = read();

  private final ModelConfig config;
  private final boolean dropout;
  private final Map<String, Integer> places = new HashMap<>();

  private Gpt2Script(ModelConfig config, boolean dropout) {
    this.config = config;
    this.dropout = dropout;
    List<TensorSpec> specs = Gpt2Layout.of(config);
    for (int i = 0; i < specs.size(); i++) {
      places.put(specs.get(i).name(), i);
    }
    int head = headIndex(config);
    places.put("unembedding", config.tiedHead() ? 0 : head - 1);
    places.put("head.weight", head);
    places.put("head.bias", head + 1);
  }

  /** The methods {@code hidden}, {@code logits}, {@code score}, {@code reward} and {@code step}. */
  public static String of(ModelConfig config) {
    return new Gpt2Script(config, false).fill(TEXT);
  }

  /** The method {@code hidden_dropout(ids, p, w)}, to stand beside {@link #of}. */
  public static String withDropout(ModelConfig config) {
    String hidden =
        METHOD
            .splitAsStream(TEXT)
            .filter(method -> method.startsWith("def hidden"))
            .findFirst()
            .orElseThrow();
    return new Gpt2Script(config, true).fill(hidden);
  }

  /** Where the scalar head's weight stands in {@code w}; its bias is the next one. */
  public static int headIndex(ModelConfig config) {
    return Gpt2Layout.of(config).size();
  }

  private String fill(String text) {
    String unrolled = LAYER.matcher(text).replaceAll(block -> layers(block.group(1)));
    String chosen = DROPOUT.matcher(unrolled).replaceAll(dropout ? "$1\n" : "");
    return COMMENT
        .matcher(weights(chosen, ""))
        .replaceAll("")
        .replace("{_dropout}", dropout ? "_dropout" : "")
        .replace("{p}", dropout ? "p: float, " : "")
        .replace("{attention_p}", dropout ? "p" : "0.")
        .replace("{d}", Integer.toString(config.width()))
        .replace("{heads}", Integer.toString(config.heads()))
        .replace("{head_size}", Integer.toString(config.width() / config.heads()))
        .replace("{epsilon}", Double.toString(config.layerNormEpsilon()))
        .replace("{vocabulary}", Integer.toString(config.vocabulary()))
        .replace("{last_token}", Integer.toString(config.vocabulary() - 1))
        .replace(
            "{activation of inner}",
            switch (config.activation()) {
              case GELU_NEW -> "torch.gelu(inner, approximate=\"tanh\")";
              case GELU -> "torch.gelu(inner)";
              case RELU -> "torch.relu(inner)";
            })
        .indent(2);
  }

  private String layers(String block) {
    StringBuilder all = new StringBuilder();
    for (int layer = 0; layer < config.layers(); layer++) {
      all.append(
          weights(block, "h." + layer + ".")
              .replace("{key_slot}", Integer.toString(2 * layer))
              .replace("{value_slot}", Integer.toString(2 * layer + 1)));
    }
    return all.toString();
  }

  /** Replaces each weight's name by its place. */
  private String weights(String text, String prefix) {
    return WEIGHT
        .matcher(text)
        .replaceAll(
            name -> {
              Integer place = places.get(prefix + name.group(1));
              if (place == null) {
                throw new IllegalStateException("no weight " + prefix + name.group(1));
              }
              return "w[" + place + "]";
            });
  }

  private static String read() {
    try (InputStream in = Gpt2Script.class.getResourceAsStream("gpt2.py")) {
      if (in == null) {
        throw new IllegalStateException("no resource gpt2.py");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

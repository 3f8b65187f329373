package plaudit.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.OptionalInt;
import plaudit.files.AtomicFile;
import plaudit.input.InvalidInputException;
import plaudit.json.JsonFiles;

/**
 * The shape of a GPT-2 model, as {@code config.json} of a Hugging Face directory has it.
 *
 * @param layers {@code n_layer}
 * @param heads {@code n_head}; divides the width
 * @param width {@code n_embd}, the size of a hidden state
 * @param innerWidth {@code n_inner}, the size of the feed-forward layer; 4 x width unless given
 * @param context {@code n_positions}, the most tokens a sequence may have
 * @param vocabulary {@code vocab_size}, the rows of the token embedding
 * @param layerNormEpsilon {@code layer_norm_epsilon}
 * @param activation {@code activation_function}
 * @param tiedHead {@code tie_word_embeddings}: logits are products with the token embedding
 * @param beginToken {@code bos_token_id}
 * @param endToken {@code eos_token_id}
 */
public record ModelConfig(
    int layers,
    int heads,
    int width,
    int innerWidth,
    int context,
    int vocabulary,
    double layerNormEpsilon,
    Activation activation,
    boolean tiedHead,
    OptionalInt beginToken,
    OptionalInt endToken) {

  /** The file name in a model directory. */
  public static final String FILE = "config.json";

  private static final double GPT2_EPSILON = 1e-5;

  public ModelConfig {
    requirePositive("n_layer", layers);
    requirePositive("n_head", heads);
    requirePositive("n_embd", width);
    requirePositive("n_inner", innerWidth);
    requirePositive("n_positions", context);
    requirePositive("vocab_size", vocabulary);
    if (width % heads != 0) {
      throw InvalidInputException.of("n_embd", width, "a multiple of n_head, " + heads);
    }
    if (!(layerNormEpsilon > 0 && layerNormEpsilon < 1)) {
      throw InvalidInputException.of("layer_norm_epsilon", layerNormEpsilon, "> 0 and < 1");
    }
  }

  /** GPT-2's defaults for all but the sizes: 4 x width inside, gelu_new, a tied head, no ids. */
  public static ModelConfig gpt2(int layers, int heads, int width, int context, int vocabulary) {
    return new ModelConfig(
        layers,
        heads,
        width,
        4 * width,
        context,
        vocabulary,
        GPT2_EPSILON,
        Activation.GELU_NEW,
        true,
        OptionalInt.empty(),
        OptionalInt.empty());
  }

  /** This configuration with the ids of the tokens that begin and end a text. */
  public ModelConfig withEnds(int begin, int end) {
    return new ModelConfig(
        layers,
        heads,
        width,
        innerWidth,
        context,
        vocabulary,
        layerNormEpsilon,
        activation,
        tiedHead,
        OptionalInt.of(begin),
        OptionalInt.of(end));
  }

  /** The size of one attention head: width / heads. */
  public int headWidth() {
    return width / heads;
  }

  /** How many numbers the weights are, a tied head counted once. */
  public long parameters() {
    return Gpt2Layout.of(this).stream().mapToLong(TensorSpec::size).sum();
  }

  /** Reads {@code file}; refuses what is missing, malformed or computes something else. */
  public static ModelConfig read(Path file) {
    Fields fields = new Fields(JsonFiles.readObject(file), file.toString());
    fields.refuseUnsupported();
    try {
      int width = fields.integer("n_embd");
      return new ModelConfig(
          fields.integer("n_layer"),
          fields.integer("n_head"),
          width,
          fields.optionalInteger("n_inner").orElse(4 * width),
          fields.integer(fields.hasOnlyOldContext() ? "n_ctx" : "n_positions"),
          fields.integer("vocab_size"),
          fields.number("layer_norm_epsilon", GPT2_EPSILON),
          fields.activation(),
          fields.flag("tie_word_embeddings", true),
          fields.tokenId("bos_token_id"),
          fields.tokenId("eos_token_id"));
    } catch (InvalidInputException e) {
      String message = String.valueOf(e.getMessage());
      throw message.startsWith(file.toString())
          ? e
          : new InvalidInputException(file + ": " + message, e);
    }
  }

  /** Writes {@code file} so that Hugging Face reads the same model. */
  public void write(Path file) {
    ObjectNode json = JsonFiles.newObject();
    json.putArray("architectures").add("GPT2LMHeadModel");
    json.put("model_type", "gpt2")
        .put("activation_function", activation.configName())
        .put("n_layer", layers)
        .put("n_head", heads)
        .put("n_embd", width)
        .put("n_inner", innerWidth)
        .put("n_positions", context)
        .put("n_ctx", context)
        .put("vocab_size", vocabulary)
        .put("layer_norm_epsilon", layerNormEpsilon)
        .put("tie_word_embeddings", tiedHead)
        .put("scale_attn_weights", true)
        .put("scale_attn_by_inverse_layer_idx", false)
        .put("reorder_and_upcast_attn", false)
        .put("embd_pdrop", 0.0)
        .put("attn_pdrop", 0.0)
        .put("resid_pdrop", 0.0)
        .put("initializer_range", 0.02);
    putOrNull(json, "bos_token_id", beginToken);
    putOrNull(json, "eos_token_id", endToken);
    AtomicFile.write(file, JsonFiles.indented(json));
  }

  private static void putOrNull(ObjectNode json, String key, OptionalInt id) {
    if (id.isPresent()) {
      json.put(key, id.getAsInt());
    } else {
      json.putNull(key);
    }
  }

  private static void requirePositive(String name, int value) {
    if (value < 1) {
      throw InvalidInputException.of(name, value, ">= 1");
    }
  }

  /** The fields of one configuration file, each named in the message that refuses it. */
  private record Fields(ObjectNode json, String origin) {

    /** Settings under which GPT-2 computes something that the net here does not. */
    void refuseUnsupported() {
      requireText("model_type", "gpt2");
      requireFlag("scale_attn_weights", true);
      requireFlag("scale_attn_by_inverse_layer_idx", false);
      requireFlag("add_cross_attention", false);
      requireFlag("is_encoder_decoder", false);
      if (has("quantization_config")) {
        throw refuse("quantization_config", "none: weights in F32, F16 or BF16");
      }
    }

    boolean has(String key) {
      return json.hasNonNull(key);
    }

    /** The earliest files call the context {@code n_ctx} only. */
    boolean hasOnlyOldContext() {
      return has("n_ctx") && !has("n_positions");
    }

    int integer(String key) {
      return optionalInteger(key)
          .orElseThrow(() -> new InvalidInputException("%s: %s is missing".formatted(origin, key)));
    }

    OptionalInt optionalInteger(String key) {
      if (!has(key)) {
        return OptionalInt.empty();
      }
      JsonNode value = json.get(key);
      if (!value.isIntegralNumber() || !value.canConvertToInt()) {
        throw refuse(key, "an integer");
      }
      return OptionalInt.of(value.intValue());
    }

    /** An id, or the first of a list of them; negative means none. */
    OptionalInt tokenId(String key) {
      JsonNode value = json.path(key);
      if (value.isArray() && !value.isEmpty() && value.get(0).canConvertToInt()) {
        return OptionalInt.of(value.get(0).intValue());
      }
      OptionalInt id = optionalInteger(key);
      return id.isPresent() && id.getAsInt() < 0 ? OptionalInt.empty() : id;
    }

    double number(String key, double absent) {
      if (!has(key)) {
        return absent;
      }
      if (!json.get(key).isNumber()) {
        throw refuse(key, "a number");
      }
      return json.get(key).doubleValue();
    }

    boolean flag(String key, boolean absent) {
      if (!has(key)) {
        return absent;
      }
      if (!json.get(key).isBoolean()) {
        throw refuse(key, "true or false");
      }
      return json.get(key).booleanValue();
    }

    Activation activation() {
      if (!has("activation_function")) {
        return Activation.GELU_NEW;
      }
      return Activation.named(json.get("activation_function").asText())
          .orElseThrow(() -> refuse("activation_function", Activation.allNames()));
    }

    private void requireText(String key, String only) {
      if (has(key) && !json.get(key).asText().equals(only)) {
        throw refuse(key, only);
      }
    }

    private void requireFlag(String key, boolean only) {
      if (flag(key, only) != only) {
        throw refuse(key, String.valueOf(only));
      }
    }

    private InvalidInputException refuse(String key, String expected) {
      return InvalidInputException.of(origin + ": " + key, json.get(key), expected);
    }
  }
}

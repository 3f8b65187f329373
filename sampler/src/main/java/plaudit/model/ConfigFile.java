package plaudit.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import plaudit.input.InvalidInputException;
import plaudit.json.JsonFiles;
import plaudit.model.ModelConfig.Attention;
import plaudit.model.ModelConfig.Biases;
import plaudit.model.ModelConfig.SpecialTokens;

/** {@code config.json} as transformers 4 and 5 write it, by the names of its family. */
final class ConfigFile {

  private static final double THETA = 10000;

  private ConfigFile() {}

  /** A description of a new model: the family's defaults for all but the sizes, and a tied head. */
  static ModelConfig fresh(
      Family family,
      int layers,
      int heads,
      int keyHeads,
      int width,
      int innerWidth,
      int context,
      int vocabulary) {
    Attention attention = ModelConfig.equalHeads(family, heads, keyHeads, width);
    return new ModelConfig(
        family,
        layers,
        width,
        attention,
        innerWidth,
        Activation.named(family.activation()).orElseThrow(),
        context,
        vocabulary,
        ModelConfig.EPSILON,
        rotary(THETA, family.rotaryShare(), attention.headWidth(), new Rotary.Plain()),
        new Biases(
            family.bias("query").otherwise(),
            family.bias("output").otherwise(),
            family.bias("inner").otherwise()),
        family.parallel().otherwise(),
        true,
        SpecialTokens.NONE);
  }

  private static Optional<Rotary> rotary(
      double theta, double share, int headWidth, Rotary.Scaling scaling) {
    return share == 0
        ? Optional.empty()
        : Optional.of(new Rotary(theta, (int) (headWidth * share), scaling));
  }

  /** Reads the description; every message begins with {@code origin}. */
  static ModelConfig read(ObjectNode json, String origin) {
    String type = json.path("model_type").asText(Family.GPT2.name());
    Family family =
        Family.named(type)
            .orElseThrow(
                () ->
                    InvalidInputException.of(
                        origin + ": model_type", json.get("model_type"), Family.allNames()));
    try {
      return new Fields(json, family, origin).config();
    } catch (InvalidInputException e) {
      String message = String.valueOf(e.getMessage());
      throw message.startsWith(origin) ? e : new InvalidInputException(origin + ": " + message, e);
    }
  }

  /** The fields of one configuration, each named in the message that refuses it. */
  private record Fields(ObjectNode json, Family family, String origin) {

    ModelConfig config() {
      family.only().forEach(this::requireFlag);
      if (has("quantization_config")) {
        throw refuse("quantization_config", "none: weights in F32, F16 or BF16");
      }
      int width = size("width");
      Attention attention = attention(width);
      return new ModelConfig(
          family,
          size("layers"),
          width,
          attention,
          family == Family.GPT2 ? optionalSize("inner").orElse(4 * width) : size("inner"),
          activation(),
          size("context"),
          size("vocabulary"),
          number(family.requiredKey("epsilon"), ModelConfig.EPSILON),
          rotary(attention.headWidth()),
          new Biases(
              flag(family.bias("query")), flag(family.bias("output")), flag(family.bias("inner"))),
          flag(family.parallel()),
          flag("tie_word_embeddings", family.tied()) || isClassifier(),
          new SpecialTokens(
              tokenIds(json.get("bos_token_id"), origin + ": bos_token_id").stream()
                  .mapToInt(Integer::intValue)
                  .findFirst(),
              tokenIds(json.get("eos_token_id"), origin + ": eos_token_id"),
              List.of()));
    }

    /** A classifier has no head for tokens, so that none is looked for. */
    private boolean isClassifier() {
      return json.path("architectures").path(0).asText().endsWith("ForSequenceClassification");
    }

    private Attention attention(int width) {
      int heads = size("heads");
      int keyHeads = optionalSize("key_heads").orElse(heads);
      OptionalInt headWidth = optionalSize("head_width");
      OptionalInt window = window();
      if (headWidth.isPresent()) {
        if (headWidth.getAsInt() < 1) {
          throw refuse(family.requiredKey("head_width"), ">= 1");
        }
        return new Attention(heads, keyHeads, headWidth.getAsInt(), window);
      }
      Attention equal = ModelConfig.equalHeads(family, heads, keyHeads, width);
      return new Attention(heads, keyHeads, equal.headWidth(), window);
    }

    /** The window of all layers: a file whose layers differ is refused. */
    private OptionalInt window() {
      OptionalInt window = family.window().map(this::optionalInteger).orElse(OptionalInt.empty());
      if (window.isPresent() && window.getAsInt() < 1) {
        throw refuse(family.window().orElseThrow(), ">= 1");
      }
      Set<String> kinds = new HashSet<>();
      json.path("layer_types").forEach(kind -> kinds.add(kind.asText()));
      if (kinds.isEmpty()) {
        return window;
      }
      String kind = window.isPresent() ? "sliding_attention" : "full_attention";
      if (!kinds.equals(Set.of(kind))) {
        throw refuse("layer_types", "\"" + kind + "\" for each");
      }
      return window;
    }

    private Optional<Rotary> rotary(int headWidth) {
      if (family.rotaryShare() == 0) {
        return Optional.empty();
      }
      ObjectNode five = object("rope_parameters").orElseGet(JsonFiles::newObject);
      String thetaKey = family.requiredKey("theta");
      double theta = number(five, "rope_theta", number(thetaKey, number("rope_theta", THETA)));
      double share =
          number(
              five,
              "partial_rotary_factor",
              number(
                  family.key("share").orElse("partial_rotary_factor"),
                  number("partial_rotary_factor", family.rotaryShare())));
      ObjectNode scaling =
          five.isEmpty() ? object("rope_scaling").orElseGet(JsonFiles::newObject) : five;
      return ConfigFile.rotary(theta, share, headWidth, scaling(scaling));
    }

    private Rotary.Scaling scaling(ObjectNode scaling) {
      String kind = scaling.path("rope_type").asText(scaling.path("type").asText("default"));
      return switch (kind) {
        case "default" -> new Rotary.Plain();
        case "linear" -> new Rotary.Linear(positive(scaling, "factor"));
        case "llama3" -> {
          double low = positive(scaling, "low_freq_factor");
          double high = positive(scaling, "high_freq_factor");
          if (low >= high) {
            throw refuse("rope_scaling", scaling, "low_freq_factor < high_freq_factor");
          }
          double original = number(scaling, "original_max_position_embeddings", size("context"));
          yield new Rotary.Llama3(positive(scaling, "factor"), low, high, (int) original);
        }
        default ->
            throw refuse("rope_type", scaling.path("rope_type"), "default, linear or llama3");
      };
    }

    private double positive(ObjectNode object, String key) {
      double value = number(object, key, Double.NaN);
      if (!(value > 0)) {
        throw refuse(key, object.get(key), "a number > 0");
      }
      return value;
    }

    private boolean has(String key) {
      return json.hasNonNull(key);
    }

    private int size(String part) {
      return optionalSize(part)
          .orElseThrow(
              () ->
                  new InvalidInputException(
                      "%s: %s is missing".formatted(origin, family.requiredKey(part))));
    }

    private OptionalInt optionalSize(String part) {
      Optional<String> key = family.key(part);
      if (key.isPresent() && has(key.get())) {
        return optionalInteger(key.get());
      }
      return family.alias(part).map(this::optionalInteger).orElse(OptionalInt.empty());
    }

    private OptionalInt optionalInteger(String key) {
      if (!has(key)) {
        return OptionalInt.empty();
      }
      JsonNode value = json.get(key);
      if (!value.isIntegralNumber() || !value.canConvertToInt()) {
        throw refuse(key, "an integer");
      }
      return OptionalInt.of(value.intValue());
    }

    private double number(String key, double absent) {
      return number(json, key, absent);
    }

    private double number(ObjectNode object, String key, double absent) {
      if (!object.hasNonNull(key)) {
        return absent;
      }
      if (!object.get(key).isNumber()) {
        throw refuse(key, object.get(key), "a number");
      }
      return object.get(key).doubleValue();
    }

    private Optional<ObjectNode> object(String key) {
      if (!has(key)) {
        return Optional.empty();
      }
      if (!(json.get(key) instanceof ObjectNode object)) {
        throw refuse(key, "an object");
      }
      return Optional.of(object);
    }

    private boolean flag(Family.Flag flag) {
      return flag.setting().map(key -> flag(key, flag.otherwise())).orElse(flag.otherwise());
    }

    private boolean flag(String key, boolean absent) {
      if (!has(key)) {
        return absent;
      }
      if (!json.get(key).isBoolean()) {
        throw refuse(key, "true or false");
      }
      return json.get(key).booleanValue();
    }

    private Activation activation() {
      String key = family.requiredKey("activation");
      return Activation.named(json.path(key).asText(family.activation()))
          .orElseThrow(() -> refuse(key, Activation.allNames()));
    }

    private void requireFlag(String key, boolean only) {
      if (flag(key, only) != only) {
        throw refuse(key, String.valueOf(only));
      }
    }

    private InvalidInputException refuse(String key, String expected) {
      return refuse(key, json.get(key), expected);
    }

    private InvalidInputException refuse(String key, JsonNode value, String expected) {
      return InvalidInputException.of(origin + ": " + key, value, expected);
    }
  }

  /** An id or a list of them; a negative one means none. */
  static List<Integer> tokenIds(JsonNode value, String what) {
    List<Integer> ids = new ArrayList<>();
    for (JsonNode id :
        value instanceof ArrayNode list ? list : JsonFiles.MAPPER.createArrayNode().add(value)) {
      if (id.isNull()) {
        continue;
      }
      if (!id.isIntegralNumber() || !id.canConvertToInt()) {
        throw InvalidInputException.of(what, value, "an integer or a list of them");
      }
      if (id.intValue() >= 0) {
        ids.add(id.intValue());
      }
    }
    return List.copyOf(ids);
  }

  /** The file of a description, by the names that transformers 4 and 5 both read. */
  static ObjectNode json(ModelConfig config) {
    Family family = config.family();
    ObjectNode json = JsonFiles.newObject();
    json.putArray("architectures").add(family.architecture());
    json.put("model_type", family.name());
    json.put(family.requiredKey("activation"), config.activation().configName());
    Map<String, Integer> sizes =
        Map.of(
            "layers", config.layers(),
            "heads", config.heads(),
            "key_heads", config.attention().keyHeads(),
            "head_width", config.headWidth(),
            "width", config.width(),
            "inner", config.innerWidth(),
            "context", config.context(),
            "vocabulary", config.vocabulary());
    sizes.keySet().stream()
        .sorted()
        .forEach(
            part -> {
              family.key(part).ifPresent(key -> json.put(key, sizes.get(part)));
              family.alias(part).ifPresent(key -> json.put(key, sizes.get(part)));
            });
    json.put(family.requiredKey("epsilon"), config.normEpsilon());
    json.put("tie_word_embeddings", config.tiedHead());
    config.rotary().ifPresent(rotary -> putRotary(json, config, rotary));
    family.window().ifPresent(key -> putOrNull(json, key, config.attention().window()));
    putFlag(json, family.bias("query"), config.biases().query());
    putFlag(json, family.bias("output"), config.biases().output());
    putFlag(json, family.bias("inner"), config.biases().inner());
    putFlag(json, family.parallel(), config.parallel());
    family.only().forEach(json::put);
    family.written().forEach((key, value) -> json.set(key, JsonFiles.MAPPER.valueToTree(value)));
    putOrNull(json, "bos_token_id", config.beginToken());
    if (config.tokens().ends().size() > 1) {
      ArrayNode ends = json.putArray("eos_token_id");
      config.tokens().ends().forEach(ends::add);
    } else {
      putOrNull(json, "eos_token_id", config.endToken());
    }
    return json;
  }

  private static void putRotary(ObjectNode json, ModelConfig config, Rotary rotary) {
    json.put(config.family().requiredKey("theta"), rotary.theta());
    double share = (double) rotary.channels() / config.headWidth();
    Optional<String> key = config.family().key("share");
    if (key.isPresent() || share != 1) {
      json.put(key.orElse("partial_rotary_factor"), share);
    }
    if (rotary.scaling() instanceof Rotary.Linear linear) {
      json.putObject("rope_scaling").put("rope_type", "linear").put("factor", linear.factor());
    } else if (rotary.scaling() instanceof Rotary.Llama3 llama) {
      json.putObject("rope_scaling")
          .put("rope_type", "llama3")
          .put("factor", llama.factor())
          .put("low_freq_factor", llama.low())
          .put("high_freq_factor", llama.high())
          .put("original_max_position_embeddings", llama.original());
    }
  }

  private static void putFlag(ObjectNode json, Family.Flag flag, boolean value) {
    flag.setting().ifPresent(key -> json.put(key, value));
  }

  private static void putOrNull(ObjectNode json, String key, OptionalInt value) {
    if (value.isPresent()) {
      json.put(key, value.getAsInt());
    } else {
      json.putNull(key);
    }
  }
}

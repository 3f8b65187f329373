package plaudit.model;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import plaudit.model.LinearText.Linear;

/**
 * A decoder's forward pass as TorchScript text: {@code decoder.py} beside this class, which also
 * says what the methods expect, with what one configuration does not have left out, its numbers
 * filled in and its layers written out.
 */
public final class DecoderScript {

  private static final Pattern WEIGHT = Pattern.compile("\\bw\\[([a-z][\\w.]*)]");
  private static final Pattern LINEAR =
      Pattern.compile("\\{(linear|activated|exact) (\\w+) ([a-z]\\w*)}");
  private static final Pattern NORM = Pattern.compile("\\{norm (\\w+) ([a-z]\\w*)}");
  private static final Pattern LAYER =
      Pattern.compile(" *# each layer\\n(.*?) *# end of layer\\n", Pattern.DOTALL);
  private static final Pattern PROJECTED =
      Pattern.compile(
          "(?ms)^ *# queries, keys and values\\n(.*?)^ *# end of queries, keys and values\\n");
  private static final String AS_IN_HIDDEN = "  # queries, keys and values as in hidden\n";
  private static final Pattern COMMENT = Pattern.compile("(?m)^ *#.*\\n|^\\n");
  private static final Pattern BLOCK =
      Pattern.compile("(?ms)^ *# with ([\\w ,]+)\\n(.*?)^ *# end with \\1\\n");
  private static final Pattern LINE = Pattern.compile("(?m)^(.*\\S)  # with ([\\w ,]+)\\n");
  private static final Pattern UNKNOWN =
      Pattern.compile("(?m)^(.*\\S)  # for each range of unknown ids\\n");
  private static final Pattern METHOD = Pattern.compile("(?m)^(?=def )");
  private static final String TEXT = read();

  private final ModelConfig config;
  private final Map<String, Integer> places;
  private final Set<String> features = new HashSet<>();
  private final Products products;

  /** Those of the text so far that are not always plain, in the order of the list. */
  private final SortedSet<Linear> linears = new TreeSet<>(Comparator.comparingInt(Linear::packed));

  private DecoderScript(ModelConfig config, boolean dropout, Products products) {
    this.config = config;
    this.products = products;
    this.places = new HashMap<>(Layout.places(config));
    int head = headIndex(config);
    places.put("unembedding.weight", config.tiedHead() ? 0 : head - 1);
    places.put("scalar_head.weight", head);
    places.put("scalar_head.bias", head + 1);
    Family family = config.family();
    features.add(config.rotary().isPresent() ? "rotary positions" : "learned positions");
    features.add(
        "query, key and value "
            + (family.has("qkv")
                ? "side by side"
                : family.has("qkv_by_head") ? "by head" : "apart"));
    features.add(config.attention().window().isPresent() ? "a window" : "no window");
    features.add(family.has("gate") ? "a gate" : "no gate");
    features.add(config.parallel() ? "parallel layers" : "successive layers");
    if (family.has("query_norm")) {
      features.add("head norms");
    }
    if (group() > 1) {
      features.add("groups");
    }
    if (dropout) {
      features.add("dropout");
    }
  }

  /** The methods {@code hidden}, {@code logits}, {@code score}, {@code reward} and {@code step}. */
  public static String of(ModelConfig config, Products products) {
    return new DecoderScript(config, false, products).fill(TEXT);
  }

  /** The method {@code hidden_dropout(ids, p, w)}, to stand beside {@link #of}. */
  public static String withDropout(ModelConfig config, Products products) {
    String hidden =
        METHOD
            .splitAsStream(TEXT)
            .filter(method -> method.startsWith("def hidden"))
            .findFirst()
            .orElseThrow();
    return new DecoderScript(config, true, products).fill(hidden);
  }

  /** The same methods compiled; packed products pack the weights when they first see them. */
  static TorchProgram program(ModelConfig config, Compute compute) {
    Products products = Products.forward(compute);
    DecoderScript script = new DecoderScript(config, false, products);
    String text = script.fill(TEXT);
    if (!products.packed()) {
      return TorchProgram.compile(text, compute, List.of());
    }
    List<Linear> linears = List.copyOf(script.linears);
    return TorchProgram.compile(
        text + pack(headIndex(config) + 2, linears, products),
        compute,
        linears.stream().map(Linear::packed).filter(place -> place < headIndex(config)).toList());
  }

  /**
   * The method {@code pack(w)}: the list that packed products read, where a packed matrix stands in
   * place of the one it is made of, or behind all others if that one is needed as it is.
   *
   * @param size of the list {@code w}
   * @param linears all whose product is packed
   */
  static String pack(int size, Collection<Linear> linears, Products products) {
    List<String> list = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      list.add("w[" + i + "]");
    }
    for (Linear linear : linears) {
      if (linear.packed() == list.size()) {
        list.add("");
      }
      list.set(linear.packed(), LinearText.packedWeight(linear, products));
      if (linear.bias() != Linear.NO_BIAS) {
        list.set(linear.bias(), LinearText.packedBias(linear, products));
      }
    }
    return "  def pack(self, w: List[Tensor]) -> List[Tensor]:\n    return ["
        + String.join(", ", list)
        + "]\n";
  }

  /** Where the scalar head's weight stands in {@code w}; its bias is the next one. */
  public static int headIndex(ModelConfig config) {
    return Layout.of(config).size();
  }

  private int group() {
    return config.heads() / config.attention().keyHeads();
  }

  private String fill(String text) {
    String blocks = BLOCK.matcher(text).replaceAll(b -> has(b.group(1)) ? "$2" : "");
    String chosen = LINE.matcher(blocks).replaceAll(line -> has(line.group(2)) ? "$1\n" : "");
    String ranged = UNKNOWN.matcher(chosen).replaceAll(line -> ranges(line.group(1)));
    String unrolled = LAYER.matcher(ranged).replaceAll(block -> layers(block.group(1)));
    String written = weights(COMMENT.matcher(unrolled).replaceAll(""), "");
    boolean dropout = has("dropout");
    int size = config.headWidth();
    return numbers(
            written
                .replace("{_dropout}", dropout ? "_dropout" : "")
                .replace("{p}", dropout ? "p: float, " : "")
                .replace("{attention_p}", dropout ? "p" : "0."),
            Map.of(
                "d", config.width(),
                "heads", config.heads(),
                "key_heads", config.attention().keyHeads(),
                "group", group(),
                "head_size", size,
                "thrice_head_size", 3 * size,
                "all_heads", config.heads() * size,
                "window", config.attention().window().orElse(0),
                "vocabulary", config.vocabulary(),
                "last_token", config.lastKnownToken()))
        .replace("{epsilon}", Double.toString(config.normEpsilon()))
        .indent(2);
  }

  private boolean has(String feature) {
    return features.contains(feature);
  }

  private String numbers(String text, Map<String, Integer> numbers) {
    String filled = text;
    for (Map.Entry<String, Integer> number : numbers.entrySet()) {
      filled = filled.replace("{" + number.getKey() + "}", number.getValue().toString());
    }
    if (config.rotary().isEmpty()) {
      return filled;
    }
    int channels = config.rotary().get().channels();
    String frequencies =
        Arrays.stream(config.rotary().get().frequencies())
            .mapToObj(Double::toString)
            .collect(Collectors.joining(", ", "[", "]"));
    return filled
        .replace("{frequencies}", frequencies)
        .replace("{rotated}", Integer.toString(channels / 2))
        .replace("{twice_rotated}", Integer.toString(channels));
  }

  private String ranges(String line) {
    return config.tokens().unknown().stream()
        .map(
            ids ->
                line.replace("{from}", Integer.toString(ids.from()))
                        .replace("{end}", Integer.toString(ids.end()))
                    + "\n")
        .collect(Collectors.joining());
  }

  private String layers(String block) {
    StringBuilder all = new StringBuilder();
    for (int layer = 0; layer < config.layers(); layer++) {
      all.append(
          weights(block, layer + ".")
              .replace("{key_slot}", Integer.toString(2 * layer))
              .replace("{value_slot}", Integer.toString(2 * layer + 1)));
    }
    return all.toString();
  }

  /** Writes out norms and linear products, and replaces each weight's part by its place. */
  private String weights(String text, String prefix) {
    String norms = NORM.matcher(text).replaceAll(norm -> norm(norm.group(1), norm.group(2)));
    String written =
        LINEAR.matcher(norms).replaceAll(found -> linear(found, prefix, found.group(3)));
    return WEIGHT.matcher(written).replaceAll(name -> "w[" + place(prefix + name.group(1)) + "]");
  }

  private String norm(String x, String part) {
    String width = part.endsWith("y_norm") ? "{head_size}" : "{d}";
    return config.family().norm() == Family.Norm.RMS
        ? "torch.rms_norm(%s, [%s], w[%s.weight], {epsilon})".formatted(x, width, part)
        : "torch.layer_norm(%s, [%s], w[%s.weight], w[%s.bias], {epsilon})"
            .formatted(x, width, part, part);
  }

  private String linear(MatchResult found, String prefix, String part) {
    String x = found.group(2);
    int weight = place(prefix + part + ".weight");
    boolean shared = config.tiedHead() && part.equals("unembedding");
    Linear linear =
        new Linear(
            weight,
            places.getOrDefault(prefix + part + ".bias", Linear.NO_BIAS),
            !prefix.isEmpty() && config.inputFirst(),
            shared ? headIndex(config) + 2 : weight);
    if (found.group(1).equals("exact")) {
      return LinearText.product(x, linear, Products.PLAIN);
    }
    linears.add(linear);
    return found.group(1).equals("linear")
        ? LinearText.product(x, linear, products)
        : LinearText.activated(x, linear, config.activation(), products);
  }

  private int place(String part) {
    Integer place = places.get(part);
    if (place == null) {
      throw new IllegalStateException("no weight " + part);
    }
    return place;
  }

  private static String read() {
    try (InputStream in = DecoderScript.class.getResourceAsStream("decoder.py")) {
      if (in == null) {
        throw new IllegalStateException("no resource decoder.py");
      }
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      String projected = PROJECTED.matcher(text).results().findFirst().orElseThrow().group(1);
      return text.replace(AS_IN_HIDDEN, projected);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

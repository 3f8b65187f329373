package plaudit.model;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import plaudit.files.AtomicFile;
import plaudit.input.InvalidInputException;
import plaudit.json.JsonFiles;

/**
 * The description of one decoder: all that its network is made from. {@code config.json} of a
 * Hugging Face directory has it by the names that its {@link Family} uses.
 *
 * @param family what its files call things
 * @param layers blocks of attention and inner layer
 * @param width the size of a hidden state
 * @param attention its heads
 * @param innerWidth the size of the inner (feed-forward) layer
 * @param activation the inner layer's non-linearity
 * @param context the most tokens a sequence may have
 * @param vocabulary the rows of the token embedding
 * @param normEpsilon added to the variance in a norm
 * @param rotary how positions rotate queries and keys; empty where positions are learned
 * @param biases which linear layers have one
 * @param parallel whether attention and inner layer read the same state
 * @param tiedHead whether logits are products with the token embedding
 * @param tokens ids with a meaning of their own
 */
public record ModelConfig(
    Family family,
    int layers,
    int width,
    Attention attention,
    int innerWidth,
    Activation activation,
    int context,
    int vocabulary,
    double normEpsilon,
    Optional<Rotary> rotary,
    Biases biases,
    boolean parallel,
    boolean tiedHead,
    SpecialTokens tokens) {

  /** The file name in a model directory. */
  public static final String FILE = "config.json";

  static final double EPSILON = 1e-5;

  /**
   * The heads of a layer.
   *
   * @param heads of queries
   * @param keyHeads of keys and values, each shared by as many heads of queries
   * @param headWidth the size of each
   * @param window how many tokens, itself included, a token sees; empty for all before it
   */
  public record Attention(int heads, int keyHeads, int headWidth, OptionalInt window) {}

  /**
   * Which linear layers have a bias.
   *
   * @param query those of query, key and value
   * @param output attention's output
   * @param inner the inner layer's
   */
  public record Biases(boolean query, boolean output, boolean inner) {}

  /**
   * Ids with a meaning of their own.
   *
   * @param begin of the token that begins a text
   * @param ends of the tokens that end one; the first is the one that is written
   * @param unknown ids that the tokenizer has no token for: never sampled, no part of any
   *     probability
   */
  public record SpecialTokens(OptionalInt begin, List<Integer> ends, List<Ids> unknown) {
    /** No such ids. */
    public static final SpecialTokens NONE =
        new SpecialTokens(OptionalInt.empty(), List.of(), List.of());

    public SpecialTokens {
      ends = List.copyOf(ends);
      unknown = List.copyOf(unknown);
    }
  }

  /** The ids from {@code from} up to and without {@code end}. */
  public record Ids(int from, int end) {}

  public ModelConfig {
    requirePositive(family, "layers", layers);
    requirePositive(family, "heads", attention.heads());
    requirePositive(family, "width", width);
    requirePositive(family, "inner", innerWidth);
    requirePositive(family, "context", context);
    requirePositive(family, "vocabulary", vocabulary);
    if (attention.keyHeads() < 1 || attention.heads() % attention.keyHeads() != 0) {
      throw InvalidInputException.of(
          family.key("key_heads").orElse("key heads"),
          attention.keyHeads(),
          "a divisor of %s, %d".formatted(family.requiredKey("heads"), attention.heads()));
    }
    if (attention.keyHeads() != attention.heads() && family.key("key_heads").isEmpty()) {
      throw InvalidInputException.of(
          "key heads", attention.keyHeads(), attention.heads() + " in this family");
    }
    if (!(normEpsilon > 0 && normEpsilon < 1)) {
      throw InvalidInputException.of(family.requiredKey("epsilon"), normEpsilon, "> 0 and < 1");
    }
  }

  private static void requirePositive(Family family, String part, int value) {
    if (value < 1) {
      throw InvalidInputException.of(family.requiredKey(part), value, ">= 1");
    }
  }

  /** GPT-2's defaults for all but the sizes: 4 x width inside, gelu_new, a tied head, no ids. */
  public static ModelConfig gpt2(int layers, int heads, int width, int context, int vocabulary) {
    return fresh(Family.GPT2, layers, heads, heads, width, context, vocabulary);
  }

  /**
   * A family's defaults for all but the sizes, with a tied head and no ids. The inner layer has 4 x
   * width; with a gate, whose matrix is a third one, 8/3 x width, rounded up to a multiple of 16.
   */
  public static ModelConfig fresh(
      Family family, int layers, int heads, int keyHeads, int width, int context, int vocabulary) {
    int inner = family.has("gate") ? (8 * width + 47) / 48 * 16 : 4 * width;
    return ConfigFile.fresh(family, layers, heads, keyHeads, width, inner, context, vocabulary);
  }

  /** The heads of a width that they divide. */
  static Attention equalHeads(Family family, int heads, int keyHeads, int width) {
    requirePositive(family, "heads", heads);
    if (width % heads != 0) {
      throw InvalidInputException.of(
          family.requiredKey("width"),
          width,
          "a multiple of %s, %d".formatted(family.requiredKey("heads"), heads));
    }
    return new Attention(heads, keyHeads, width / heads, OptionalInt.empty());
  }

  /** This configuration with the ids of the tokens that begin and end a text. */
  public ModelConfig withEnds(int begin, int end) {
    return with(new SpecialTokens(OptionalInt.of(begin), List.of(end), tokens.unknown()));
  }

  /** This configuration with other special tokens. */
  public ModelConfig with(SpecialTokens others) {
    return new ModelConfig(
        family,
        layers,
        width,
        attention,
        innerWidth,
        activation,
        context,
        vocabulary,
        normEpsilon,
        rotary,
        biases,
        parallel,
        tiedHead,
        others);
  }

  /** How many heads of queries. */
  public int heads() {
    return attention.heads();
  }

  /** The size of one attention head. */
  public int headWidth() {
    return attention.headWidth();
  }

  /** Whether the matrices of layers are {@code [in, out]}, as GPT-2 has them. */
  public boolean inputFirst() {
    return family.inputFirst();
  }

  /** The id of the token that begins a text. */
  public OptionalInt beginToken() {
    return tokens.begin();
  }

  /** The first of the tokens that end a text. */
  public OptionalInt endToken() {
    return tokens.ends().stream().mapToInt(Integer::intValue).findFirst();
  }

  /** The largest id that may be sampled. */
  int lastKnownToken() {
    int last = vocabulary - 1;
    for (int i = tokens.unknown().size() - 1; i >= 0; i--) {
      Ids ids = tokens.unknown().get(i);
      if (ids.end() == last + 1) {
        last = ids.from() - 1;
      }
    }
    return last;
  }

  /** How many numbers the weights are, a tied head counted once. */
  public long parameters() {
    return Layout.of(this).stream().mapToLong(TensorSpec::size).sum();
  }

  /** Reads {@code file}; refuses what is missing, malformed or computes something else. */
  public static ModelConfig read(Path file) {
    return ConfigFile.read(JsonFiles.readObject(file), file.toString());
  }

  /** Writes {@code file} so that Hugging Face reads the same model. */
  public void write(Path file) {
    write(file, ConfigFile.json(this));
  }

  static void write(Path file, ObjectNode json) {
    AtomicFile.write(file, JsonFiles.indented(json));
  }
}

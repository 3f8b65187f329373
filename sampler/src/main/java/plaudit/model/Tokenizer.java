package plaudit.model;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import plaudit.chat.ChatTemplate;
import plaudit.input.InvalidInputException;
import plaudit.json.JsonFiles;
import plaudit.tokens.Tokens;

/**
 * Text to token ids and back, as the tokenizer of a model directory has it. Adds nothing to a text
 * and cuts nothing from it. Any thread may use it.
 */
public final class Tokenizer implements AutoCloseable {

  static {
    Djl.quiet();
  }

  private static final int REPLACEMENT = 0xFFFD;

  private final Path dir;
  private final HuggingFaceTokenizer tokenizer;
  private final Map<String, Integer> ids;
  private final int vocabSize;

  private Tokenizer(Path dir, HuggingFaceTokenizer tokenizer, Map<String, Integer> ids) {
    this.dir = dir;
    this.tokenizer = tokenizer;
    this.ids = ids;
    this.vocabSize = 1 + ids.values().stream().mapToInt(Integer::intValue).max().orElse(-1);
  }

  /**
   * Opens the tokenizer of a model directory: {@code tokenizer.json}, or {@code vocab.json} and
   * {@code merges.txt}, or {@code encoder.json} and {@code vocab.bpe}.
   */
  public static Tokenizer open(Path dir) {
    ObjectNode json = TokenizerFiles.read(dir);
    json.putNull("truncation").putNull("padding");
    Map<String, Integer> ids = idsOf(json);
    try {
      byte[] bytes = JsonFiles.MAPPER.writeValueAsBytes(json);
      Map<String, String> asIs =
          Map.of("addSpecialTokens", "false", "truncation", "false", "padding", "false");
      return new Tokenizer(
          dir, HuggingFaceTokenizer.newInstance(new ByteArrayInputStream(bytes), asIs), ids);
    } catch (IOException | RuntimeException e) {
      throw new InvalidInputException(
          "tokenizer of %s: cannot be loaded (%s)".formatted(dir, firstLine(e)), e);
    }
  }

  /** The tokens of {@code text}; half a surrogate pair alone becomes U+FFFD. */
  public Tokens encode(String text) {
    long[] encoded = tokenizer.encode(withoutHalves(text), false, false).getIds();
    return Tokens.of(Arrays.stream(encoded).mapToInt(Math::toIntExact).toArray());
  }

  private static String withoutHalves(String text) {
    boolean whole =
        text.codePoints()
            .noneMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE);
    if (whole) {
      return text;
    }
    return text.codePoints()
        .map(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE ? REPLACEMENT : c)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }

  /** The text of {@code tokens}, special ones spelled out and spaces left as they are. */
  public String decode(Tokens tokens) {
    if (tokens.length() == 0) {
      return "";
    }
    return tokenizer.decode(tokens.stream().asLongStream().toArray(), false);
  }

  /**
   * The template by which it makes one text of a conversation.
   *
   * @throws InvalidInputException if its directory has none
   */
  public ChatTemplate chat() {
    return ChatTemplate.of(dir);
  }

  /** One more than the largest id. */
  public int vocabSize() {
    return vocabSize;
  }

  /**
   * The id of {@code token}: an entry of the vocabulary spelled just so, or a text that becomes
   * exactly one token and is not lost in it.
   */
  public Optional<Integer> idOf(String token) {
    Integer exact = ids.get(token);
    if (exact != null) {
      return Optional.of(exact);
    }
    Tokens encoded = encode(token);
    boolean one = encoded.length() == 1 && decode(encoded).strip().equals(token.strip());
    return one ? Optional.of(encoded.get(0)) : Optional.empty();
  }

  /** Refuses a tokenizer that has ids beyond the model's embedding. */
  public void checkAgainst(ModelConfig config) {
    if (vocabSize > config.vocabulary()) {
      throw InvalidInputException.of(
          "tokenizer of " + dir + ": largest id",
          vocabSize - 1,
          "< " + config.vocabulary() + ", the model's vocab_size");
    }
  }

  @Override
  public void close() {
    tokenizer.close();
  }

  static Map<String, Integer> idsOf(ObjectNode json) {
    Map<String, Integer> ids = new HashMap<>();
    JsonNode vocabulary = json.path("model").path("vocab");
    if (vocabulary.isArray()) { // Unigram: [token, score] by id
      for (int id = 0; id < vocabulary.size(); id++) {
        ids.put(vocabulary.get(id).path(0).asText(), id);
      }
    } else {
      vocabulary.properties().forEach(e -> ids.put(e.getKey(), e.getValue().asInt()));
    }
    for (JsonNode added : json.path("added_tokens")) {
      ids.put(added.path("content").asText(), added.path("id").asInt());
    }
    return ids;
  }

  private static String firstLine(Exception e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("no reason given");
  }
}

package plaudit.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import plaudit.files.AtomicFile;
import plaudit.input.InvalidInputException;
import plaudit.json.JsonFiles;

/**
 * The tokenizer files of a model directory: {@code tokenizer.json}, or GPT-2's vocabulary and
 * merges by Hugging Face's or by OpenAI's names, which are brought into the form of the first.
 */
final class TokenizerFiles {

  static final String JSON = "tokenizer.json";

  private static final List<List<String>> BPE_PAIRS =
      List.of(List.of("vocab.json", "merges.txt"), List.of("encoder.json", "vocab.bpe"));

  /** Files that Hugging Face reads beside the tokenizer and that hold for a copy as well. */
  private static final List<String> COMPANIONS =
      List.of(
          "vocab.json",
          "merges.txt",
          "tokenizer_config.json",
          "special_tokens_map.json",
          "added_tokens.json",
          "generation_config.json",
          "chat_template.jinja");

  private static final String SETTINGS = "tokenizer_config.json";
  private static final String ADDED = "added_tokens.json";
  private static final String GPT2 = "GPT2Tokenizer";
  private static final String END_OF_TEXT = "<|endoftext|>";

  private TokenizerFiles() {}

  /** Whether there is a tokenizer in {@code dir}. */
  static boolean isIn(Path dir) {
    return Files.isRegularFile(dir.resolve(JSON))
        || BPE_PAIRS.stream()
            .anyMatch(pair -> pair.stream().allMatch(n -> Files.isRegularFile(dir.resolve(n))));
  }

  /**
   * The tokenizer of {@code dir} as {@code tokenizer.json} has it, with the tokens that other files
   * add.
   */
  static ObjectNode read(Path dir) {
    ObjectNode json = readBase(dir);
    addTokens(json, dir);
    return json;
  }

  private static void addTokens(ObjectNode json, Path dir) {
    Map<Integer, ObjectNode> more = new TreeMap<>();
    ObjectNode plain = optional(dir.resolve(ADDED));
    plain
        .properties()
        .forEach(
            token -> {
              int id = id(token.getValue(), dir.resolve(ADDED));
              more.put(id, JsonFiles.newObject().put("content", token.getKey()));
            });
    optional(dir.resolve(SETTINGS))
        .path("added_tokens_decoder")
        .properties()
        .forEach(
            token -> {
              if (token.getValue() instanceof ObjectNode description) {
                more.put(Integer.valueOf(token.getKey()), description.deepCopy());
              }
            });
    ArrayNode added =
        json.get("added_tokens") instanceof ArrayNode list ? list : json.putArray("added_tokens");
    Set<String> present = new HashSet<>();
    added.forEach(token -> present.add(token.path("content").asText()));
    more.forEach(
        (id, token) -> {
          if (present.add(token.path("content").asText())) {
            ObjectNode whole = JsonFiles.newObject().put("id", id);
            whole.put("content", token.path("content").asText());
            for (String flag : List.of("single_word", "lstrip", "rstrip", "normalized")) {
              whole.put(flag, token.path(flag).asBoolean(false));
            }
            added.add(whole.put("special", token.path("special").asBoolean(true)));
          }
        });
  }

  /** The settings beside the tokenizer, such as its class and its chat template. */
  static ObjectNode settings(Path dir) {
    return optional(dir.resolve(SETTINGS));
  }

  private static ObjectNode optional(Path file) {
    return Files.isRegularFile(file) ? JsonFiles.readObject(file) : JsonFiles.newObject();
  }

  private static ObjectNode readBase(Path dir) {
    if (Files.isRegularFile(dir.resolve(JSON))) {
      return JsonFiles.readObject(dir.resolve(JSON));
    }
    String kind = optional(dir.resolve(SETTINGS)).path("tokenizer_class").asText(GPT2);
    if (!kind.startsWith(GPT2)) {
      throw InvalidInputException.of(
          "tokenizer of " + dir,
          kind + " without " + JSON,
          JSON + ", which transformers' AutoTokenizer.from_pretrained and save_pretrained write");
    }
    for (List<String> pair : BPE_PAIRS) {
      Path vocabulary = dir.resolve(pair.get(0));
      Path merges = dir.resolve(pair.get(1));
      if (Files.isRegularFile(vocabulary) && Files.isRegularFile(merges)) {
        return fromBpe(vocabulary, merges);
      }
    }
    throw InvalidInputException.of(
        "tokenizer of " + dir,
        "none",
        "tokenizer.json, or vocab.json with merges.txt, or encoder.json with vocab.bpe");
  }

  /** Makes {@code to} hold the tokenizer of {@code from}, as Hugging Face reads it. */
  static void copy(Path from, Path to) {
    ObjectNode json = read(from);
    try {
      if (Files.isRegularFile(from.resolve(JSON))) {
        Files.copy(from.resolve(JSON), to.resolve(JSON));
      } else {
        AtomicFile.write(to.resolve(JSON), JsonFiles.indented(json));
      }
      for (String companion : COMPANIONS) {
        if (Files.isRegularFile(from.resolve(companion))) {
          Files.copy(from.resolve(companion), to.resolve(companion));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ObjectNode fromBpe(Path vocabulary, Path merges) {
    Map<String, Integer> ids = new LinkedHashMap<>();
    JsonFiles.readObject(vocabulary)
        .properties()
        .forEach(entry -> ids.put(entry.getKey(), id(entry.getValue(), vocabulary)));
    List<String> ranked =
        JsonFiles.readString(merges)
            .lines()
            .filter(line -> !line.startsWith("#version") && !line.isBlank())
            .toList();
    for (String merge : ranked) {
      checkMerge(merge, ids, merges);
    }
    return TokenizerJson.byteLevelBpe(
        ids, ranked, ids.containsKey(END_OF_TEXT) ? List.of(END_OF_TEXT) : List.of());
  }

  private static Integer id(JsonNode json, Path file) {
    if (!json.canConvertToInt() || json.intValue() < 0) {
      throw InvalidInputException.of(file + ": token id", json, "an integer >= 0");
    }
    return json.intValue();
  }

  private static void checkMerge(String merge, Map<String, Integer> ids, Path file) {
    String[] pair = merge.split(" ", -1);
    if (pair.length != 2) {
      throw InvalidInputException.of(file + ": merge", merge, "two tokens and one space");
    }
    for (String token : List.of(pair[0], pair[1], pair[0] + pair[1])) {
      if (!ids.containsKey(token)) {
        throw InvalidInputException.of(
            file + ": merge", merge, "tokens of the vocabulary, which lacks " + token);
      }
    }
  }
}

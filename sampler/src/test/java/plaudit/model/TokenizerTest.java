package plaudit.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plaudit.files.AtomicFile;
import plaudit.input.InvalidInputException;
import plaudit.json.JsonFiles;
import plaudit.tokens.Tokens;

class TokenizerTest {

  private static final Map<String, Integer> TINY = tiny();

  @Test
  void vocabularyAndMergesUnderEitherNamesGiveTheSameTokens(@TempDir Path dir) throws IOException {
    Path huggingFace = writePair(dir.resolve("hf"), "vocab.json", "merges.txt");
    Path openAi = writePair(dir.resolve("openai"), "encoder.json", "vocab.bpe");

    for (Path each : List.of(huggingFace, openAi)) {
      try (Tokenizer tokenizer = Tokenizer.open(each)) {
        assertThat(tokenizer.encode("abba<|endoftext|> ab")).isEqualTo(Tokens.of(4, 1, 0, 6, 5));
        assertThat(tokenizer.decode(Tokens.of(4, 1, 0, 6, 5))).isEqualTo("abba<|endoftext|> ab");
        assertThat(tokenizer.vocabSize()).isEqualTo(7);
      }
    }
  }

  @Test
  void nothingIsNothingBothWays(@TempDir Path dir) throws IOException {
    try (Tokenizer tokenizer = Tokenizer.open(writePair(dir, "vocab.json", "merges.txt"))) {
      assertThat(tokenizer.encode("")).isEqualTo(Tokens.of());
      assertThat(tokenizer.decode(Tokens.of())).isEmpty();
    }
  }

  @Test
  void tokensThatOtherFilesAddAreMatchedWhole(@TempDir Path dir) throws IOException {
    writePair(dir, "vocab.json", "merges.txt");
    Files.writeString(dir.resolve("added_tokens.json"), "{\"<|a|>\": 7}");
    Files.writeString(
        dir.resolve("tokenizer_config.json"),
        "{\"added_tokens_decoder\": {\"7\": {\"content\": \"<|a|>\", \"special\": true},"
            + " \"8\": {\"content\": \"<tool>\", \"special\": false}}}");

    try (Tokenizer tokenizer = Tokenizer.open(dir)) {
      assertThat(tokenizer.encode("ab<|a|>b<tool><|endoftext|>"))
          .isEqualTo(Tokens.of(4, 7, 1, 8, 6));
      assertThat(tokenizer.vocabSize()).isEqualTo(9);
    }
  }

  @Test
  void mergesOfAnotherKindAreNotReadAsGpt2s(@TempDir Path dir) throws IOException {
    writePair(dir, "vocab.json", "merges.txt");
    Files.writeString(
        dir.resolve("tokenizer_config.json"), "{\"tokenizer_class\": \"Qwen2Tokenizer\"}");

    assertThatThrownBy(() -> Tokenizer.open(dir))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageStartingWith(
            "tokenizer of %s: Qwen2Tokenizer without tokenizer.json (expected: tokenizer.json",
            dir);
  }

  @Test
  void halfASurrogatePairIsReplacedAlone(@TempDir Path dir) throws IOException {
    Map<String, Integer> bytes = new LinkedHashMap<>(TINY);
    for (String part : List.of("ï", "¿", "½", "ð", "Ł", "ĺ", "Ģ")) {
      bytes.put(part, bytes.size());
    }
    TokenizerJson.write(dir.resolve("tokenizer.json"), bytes, List.of(), List.of());

    try (Tokenizer tokenizer = Tokenizer.open(dir)) {
      assertThat(tokenizer.encode("a\ud83d\ude00b").length()).isEqualTo(6);
      assertThat(tokenizer.decode(tokenizer.encode("a\ud83d b\ude00")))
          .isEqualTo("a\ufffd b\ufffd");
    }
  }

  @Test
  void truncationAndPaddingOfTheFileAreNotDone(@TempDir Path dir) throws IOException {
    var json = TokenizerJson.byteLevelBpe(TINY, List.of("a b"), List.of());
    json.putObject("truncation")
        .put("direction", "Right")
        .put("max_length", 2)
        .put("strategy", "LongestFirst")
        .put("stride", 0);
    json.putObject("padding")
        .put("direction", "Right")
        .put("pad_id", 0)
        .put("pad_type_id", 0)
        .put("pad_token", "a")
        .putNull("pad_to_multiple_of")
        .putObject("strategy")
        .put("Fixed", 8);
    AtomicFile.write(dir.resolve("tokenizer.json"), JsonFiles.indented(json));

    try (Tokenizer tokenizer = Tokenizer.open(dir)) {
      assertThat(tokenizer.encode("bbb").length()).isEqualTo(3);
    }
  }

  @Test
  void anIdBeyondTheModelIsRefused(@TempDir Path dir) throws IOException {
    try (Tokenizer tokenizer = Tokenizer.open(writePair(dir, "vocab.json", "merges.txt"))) {
      tokenizer.checkAgainst(ModelConfig.gpt2(1, 1, 4, 8, 7));

      assertThatThrownBy(() -> tokenizer.checkAgainst(ModelConfig.gpt2(1, 1, 4, 8, 6)))
          .isInstanceOf(InvalidInputException.class)
          .hasMessage(
              "tokenizer of %s: largest id: 6 (expected: < 6, the model's vocab_size)", dir);
    }
  }

  @Test
  void aFolderWithoutATokenizerIsRefused(@TempDir Path dir) {
    assertThatThrownBy(() -> Tokenizer.open(dir))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(
            "tokenizer of %s: none (expected: tokenizer.json, or vocab.json with merges.txt,"
                + " or encoder.json with vocab.bpe)",
            dir);
  }

  @Test
  void aMergeOfAnUnknownTokenIsRefused(@TempDir Path dir) throws IOException {
    writePair(dir, "vocab.json", "merges.txt");
    Files.writeString(dir.resolve("merges.txt"), "#version: 0.2\na b\nb b\n");

    assertThatThrownBy(() -> Tokenizer.open(dir))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(
            "%s: merge: b b (expected: tokens of the vocabulary, which lacks bb)",
            dir.resolve("merges.txt"));
  }

  @Test
  void aTokenizerFileOfAnUnknownKindIsRefusedInOneLine(@TempDir Path dir) throws IOException {
    Files.writeString(dir.resolve("tokenizer.json"), "{\"model\": {\"type\": \"Magic\"}}");

    assertThatThrownBy(() -> Tokenizer.open(dir))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageStartingWith("tokenizer of " + dir + ": cannot be loaded (")
        .hasMessageNotContaining("\n");
  }

  @Test
  void gpt2TextHasItsKnownIds() {
    try (Tokenizer tokenizer = Tokenizer.open(SharedData.require("gpt2-tokenizer"))) {
      assertThat(tokenizer.encode("Hello world")).isEqualTo(Tokens.of(15496, 995));
      assertThat(tokenizer.encode(" world")).isEqualTo(Tokens.of(995));
      assertThat(tokenizer.encode("world")).isEqualTo(Tokens.of(6894));
      assertThat(tokenizer.encode("\n\nTL;DR:"))
          .isEqualTo(Tokens.of(198, 198, 14990, 26, 7707, 25));
      assertThat(tokenizer.encode("<|endoftext|>")).isEqualTo(Tokens.of(50256));
      assertThat(tokenizer.idOf(".")).contains(13);
      assertThat(tokenizer.idOf("\n")).contains(198);
      assertThat(tokenizer.vocabSize()).isEqualTo(50257);
      String text = "  Ünï\u00adcode: 猫が好き 😺\t\n don't , she said . ";
      assertThat(tokenizer.decode(tokenizer.encode(text))).isEqualTo(text);
    }
  }

  @Test
  void theDialogueModelsPromptsHaveTheirGoldenIds() {
    Path dir = SharedData.require("craftgpt");
    try (Tokenizer tokenizer = Tokenizer.open(dir)) {
      for (JsonNode one : JsonFiles.readObject(dir.resolve("golden.json")).path("cases")) {
        String prompt = one.path("prompt").asText();

        assertThat(tokenizer.encode("[inst] " + prompt + " [/inst]"))
            .isEqualTo(tokens(one.path("input_ids")));
        assertThat(tokenizer.decode(tokens(one.path("greedy_ids"))))
            .isEqualTo(one.path("greedy_text").asText());
      }
      assertThat(tokenizer.idOf("[inst]")).contains(0);
      assertThat(tokenizer.idOf("[/inst]")).contains(1);
      assertThat(tokenizer.idOf("[nothing]")).isEmpty();
      tokenizer.checkAgainst(ModelConfig.read(dir.resolve("config.json")));
    }
  }

  private static Tokens tokens(JsonNode ids) {
    List<Integer> all = new ArrayList<>();
    ids.forEach(id -> all.add(id.asInt()));
    return Tokens.of(all.stream().mapToInt(Integer::intValue).toArray());
  }

  private static Map<String, Integer> tiny() {
    Map<String, Integer> ids = new LinkedHashMap<>();
    for (String token : List.of("a", "b", "c", "Ġ", "ab", "Ġab", "<|endoftext|>")) {
      ids.put(token, ids.size());
    }
    return ids;
  }

  private static Path writePair(Path dir, String vocabulary, String merges) throws IOException {
    Files.createDirectories(dir);
    AtomicFile.write(
        dir.resolve(vocabulary), JsonFiles.indented(JsonFiles.MAPPER.valueToTree(TINY)));
    Files.writeString(dir.resolve(merges), "#version: 0.2\na b\nĠ ab\n");
    return dir;
  }
}

package plaudit.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import plaudit.input.InvalidInputException;
import plaudit.json.JsonFiles;
import plaudit.model.CausalNet.Decoding;
import plaudit.model.CausalNet.ResponseScores;
import plaudit.model.CausalNet.Step;
import plaudit.model.ModelConfig.Ids;
import plaudit.model.ModelConfig.SpecialTokens;
import plaudit.tokens.Tokens;

/** What holds of every family: against a slow pass in plain Java, cached, padded, and as files. */
class DecoderFamiliesTest {

  private static final float TEMPERATURE = 0.8f;
  private static final String LLAMA =
      """
      "num_hidden_layers": 2, "hidden_size": 16, "num_attention_heads": 4, "vocab_size": 37,
      "intermediate_size": 24, "max_position_embeddings": 32, "bos_token_id": 1,
      """;

  private final Random random = new Random(3);
  @TempDir private Path parent;

  static Stream<String> configs() {
    return Stream.of(
        "\"model_type\": \"llama\", \"eos_token_id\": [2, 0]",
        "\"model_type\": \"llama\", \"num_key_value_heads\": 2, \"attention_bias\": true,"
            + " \"mlp_bias\": true, \"rope_theta\": 500.0, \"rope_scaling\": {\"type\": \"linear\","
            + " \"factor\": 2.0}, \"torch_dtype\": \"bfloat16\", \"eos_token_id\": 2",
        "\"model_type\": \"llama\", \"num_key_value_heads\": 1, \"tie_word_embeddings\": true,"
            + " \"dtype\": \"float16\", \"rope_parameters\": {\"rope_type\": \"llama3\","
            + " \"rope_theta\": 300.0, \"factor\": 8.0, \"low_freq_factor\": 1.0,"
            + " \"high_freq_factor\": 4.0, \"original_max_position_embeddings\": 16}",
        "\"model_type\": \"mistral\", \"num_key_value_heads\": 2, \"sliding_window\": 3",
        "\"model_type\": \"qwen2\", \"num_key_value_heads\": 2, \"use_sliding_window\": false,"
            + " \"layer_types\": [\"full_attention\", \"full_attention\"]",
        "\"model_type\": \"qwen3\", \"num_key_value_heads\": 2, \"head_dim\": 6",
        "\"model_type\": \"gpt_neox\", \"rotary_pct\": 0.5, \"hidden_act\": \"gelu\"",
        "\"model_type\": \"gpt_neox\", \"use_parallel_residual\": false,"
            + " \"rope_parameters\": {\"rope_theta\": 100.0, \"partial_rotary_factor\": 1.0},"
            + " \"attention_bias\": false, \"hidden_act\": \"gelu_fast\"");
  }

  private static ObjectNode json(String settings) {
    return JsonFiles.parseObject("{" + LLAMA + settings + "}", "config");
  }

  private static ModelConfig config(String settings) {
    return ConfigFile.read(json(settings), "config");
  }

  @ParameterizedTest
  @MethodSource("configs")
  void agreesWithTheSlowReferenceAloneAndPadded(String settings) {
    ModelConfig config = config(settings);
    List<Tokens> texts = texts(4, 3, 9);
    try (Weights weights = TinyModels.weights(config, false, 1);
        TorchNet net = net(config)) {
      float[][] together = net.lastLogits(texts);
      for (int row = 0; row < texts.size(); row++) {
        float[] slow = SlowDecoder.lastLogits(config, weights, texts.get(row));
        assertThat(together[row]).usingComparatorWithPrecision(1e-4f).containsExactly(slow);
        float[] alone = net.lastLogits(List.of(texts.get(row)))[0];
        assertThat(alone).usingComparatorWithPrecision(1e-4f).containsExactly(slow);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("configs")
  void packedProductsGiveTheSame(String settings) {
    ModelConfig config = config(settings);
    List<Tokens> texts = texts(4, 3, 9);
    Compute packed = Compute.cpu(1).with(Precision.FP32);
    try (TorchNet net = net(config);
        TorchNet fast = TorchNet.of(config, TinyModels.weights(config, false, 1), packed)) {
      float[][] expected = net.lastLogits(texts);
      float[][] found = fast.lastLogits(texts);
      for (int row = 0; row < expected.length; row++) {
        assertThat(found[row]).usingComparatorWithPrecision(1e-4f).containsExactly(expected[row]);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("configs")
  void cachedDecodingGivesTheNumbersOfTheWholeText(String settings) {
    ModelConfig config = config(settings);
    List<Tokens> queries = texts(3, 1, 9);
    int length = 6;
    try (TorchNet net = net(config);
        Decoding decoding = net.decode(queries, 2, length, TEMPERATURE)) {
      int[][] tokens = new int[6][length];
      float[][] logprobs = new float[6][length];
      float[][] values = new float[6][length];
      for (int t = 0; t < length; t++) {
        if (t == 3) {
          decoding.reread();
        }
        float[] uniforms = new float[6];
        for (int row = 0; row < 6; row++) {
          uniforms[row] = random.nextFloat();
        }
        Step step = decoding.next(uniforms);
        for (int row = 0; row < 6; row++) {
          tokens[row][t] = step.tokens()[row];
          logprobs[row][t] = step.logprobs()[row];
          values[row][t] = step.values()[row];
        }
      }
      List<Tokens> repeated = new ArrayList<>();
      queries.forEach(query -> repeated.addAll(List.of(query, query)));
      ResponseScores scores =
          net.score(repeated, Arrays.stream(tokens).map(Tokens::of).toList(), TEMPERATURE);
      for (int row = 0; row < 6; row++) {
        assertThat(logprobs[row])
            .usingComparatorWithPrecision(1e-4f)
            .containsExactly(scores.logprobs()[row]);
        assertThat(values[row])
            .usingComparatorWithPrecision(1e-4f)
            .containsExactly(scores.values()[row]);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("configs")
  void weightsSwappedBetweenTokensReadTheCacheOfTheOldOnes(String settings) {
    ModelConfig config = config(settings);
    Tokens query = TinyModels.text(random, 5, 37);
    try (Weights old = TinyModels.weights(config, false, 1);
        Weights fresh = TinyModels.weights(config, false, 2);
        TorchNet net = net(config);
        Decoding decoding = net.decode(List.of(query), 2, 0)) {
      Tokens text = query.concat(Tokens.of(decoding.next(new float[1]).tokens()));
      net.swap(TinyModels.weights(config, false, 2));
      List<Weights> readers = new ArrayList<>(Collections.nCopies(5, old));
      readers.add(fresh);

      int next = decoding.next(new float[1]).tokens()[0];

      float[] slow = SlowDecoder.lastLogits(config, readers, text);
      for (float logit : slow) {
        assertThat(slow[next]).isGreaterThanOrEqualTo(logit - 1e-4f);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("configs")
  void whatIsWrittenIsTheSameModelByTheSameNamesAndSettings(String settings) {
    ObjectNode json = json(settings + ", \"transformers_version\": \"5.0.0\"");
    Path source = parent.resolve("source");
    Path copy = parent.resolve("copy");
    try (Weights weights = TinyModels.weights(config(settings), false, 1)) {
      ModelDirectory.write(
          source, config(settings), spec -> numbers(weights, spec), List.of(), Dtype.F32, null);
      assertThat(ModelDirectory.open(source).config()).isEqualTo(config(settings));
      ModelConfig.write(source.resolve(ModelConfig.FILE), json);
      writeTokenizer(source, 37);
      ModelDirectory read = ModelDirectory.open(source);

      ModelDirectory.write(copy, read.config(), read::weight, List.of(), Dtype.F32, source);

      ModelDirectory again = ModelDirectory.open(copy);
      assertThat(again.config()).isEqualTo(config(settings));
      assertThat(again.ignored()).isEmpty();
      for (TensorSpec spec : Layout.of(again.config())) {
        assertThat(again.weight(spec)).isEqualTo(read.weight(spec));
      }
      ObjectNode written = JsonFiles.readObject(copy.resolve(ModelConfig.FILE));
      String dtype = json.has("dtype") ? "dtype" : "torch_dtype";
      assertThat(written).isEqualTo(json.deepCopy().put(dtype, "float32"));
      assertThat(Safetensors.open(copy.resolve(WeightFiles.ONE)).names())
          .anyMatch(name -> name.startsWith(read.config().family().prefix()));
    }
  }

  @Test
  void idsWithoutATokenAreNeverSampledAndHaveNoShareOfAnyProbability() {
    SpecialTokens special =
        new SpecialTokens(
            SpecialTokens.NONE.begin(), List.of(), List.of(new Ids(3, 5), new Ids(20, 37)));
    ModelConfig config = config("\"model_type\": \"llama\"").with(special);
    Tokens query = Tokens.of(7, 8, 9);
    try (TorchNet net = net(config);
        Decoding decoding = net.decode(List.of(query), 1, 1, TEMPERATURE)) {
      float[] logits = net.lastLogits(List.of(query))[0];
      double known = 0;
      for (int id = 0; id < 37; id++) {
        boolean unknown = id == 3 || id == 4 || id >= 20;
        known += unknown ? 0 : Math.exp(logits[id] / TEMPERATURE);
      }
      Step last = decoding.next(new float[] {Math.nextDown(1f)});
      assertThat(last.tokens()[0]).isLessThan(20);
      float expected = (float) (logits[last.tokens()[0]] / TEMPERATURE - Math.log(known));
      assertThat(last.logprobs())
          .usingComparatorWithPrecision(1e-4f)
          .containsExactly(new float[] {expected});
      assertThat(
              net.score(List.of(query), List.of(Tokens.of(last.tokens())), TEMPERATURE)
                  .logprobs()[0])
          .usingComparatorWithPrecision(1e-4f)
          .containsExactly(last.logprobs());
    }
  }

  @Test
  void whatItsLayersWouldHaveToComputeOtherwiseIsRefused() {
    Map<String, String> wrong =
        Map.of(
            "\"model_type\": \"qwen3\", \"use_sliding_window\": true",
            "config: use_sliding_window: true (expected: false)",
            "\"model_type\": \"llama\", \"rope_scaling\": {\"rope_type\": \"yarn\"}",
            "config: rope_type: \"yarn\" (expected: default, linear or llama3)",
            "\"model_type\": \"llama\", \"num_key_value_heads\": 3",
            "config: num_key_value_heads: 3 (expected: a divisor of num_attention_heads, 4)",
            "\"model_type\": \"mistral\", \"sliding_window\": 3, \"layer_types\":"
                + " [\"full_attention\", \"sliding_attention\"]",
            "config: layer_types: [\"full_attention\",\"sliding_attention\"]"
                + " (expected: \"sliding_attention\" for each)",
            "\"model_type\": \"gemma3\"",
            "config: model_type: \"gemma3\""
                + " (expected: one of gpt2, gpt_neox, llama, mistral, qwen2, qwen3)");
    wrong.forEach(
        (settings, message) ->
            assertThatThrownBy(() -> config(settings))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage(message));
  }

  private static TorchNet net(ModelConfig config) {
    return TorchNet.of(config, TinyModels.weights(config, false, 1), Compute.cpu(1));
  }

  private List<Tokens> texts(int count, int shortest, int longest) {
    List<Tokens> texts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int length = shortest + (longest - shortest) * i / (count - 1);
      texts.add(TinyModels.text(random, length, 37));
    }
    return texts;
  }

  private static ByteBuffer numbers(Weights weights, TensorSpec spec) {
    return weights.copy(weights.specs().indexOf(spec));
  }

  /** A tokenizer with a token for each id. */
  private static void writeTokenizer(Path dir, int size) {
    Map<String, Integer> vocabulary = new LinkedHashMap<>();
    for (int id = 0; id < size; id++) {
      vocabulary.put(Character.toString('A' + id), id);
    }
    TokenizerJson.write(dir.resolve("tokenizer.json"), vocabulary, List.of(), List.of());
  }
}

package plaudit.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import plaudit.files.AtomicFile;
import plaudit.input.InvalidInputException;
import plaudit.json.JsonFiles;

class ModelConfigTest {

  private Path file;

  @BeforeEach
  void nameTheFile(@TempDir Path dir) {
    file = dir.resolve("config.json");
  }

  @Test
  void whatIsWrittenReadsBackTheSame() {
    ModelConfig config = ModelConfig.gpt2(2, 4, 32, 64, 500).withEnds(3, 4);

    config.write(file);

    assertThat(ModelConfig.read(file)).isEqualTo(config);
  }

  @Test
  void absentFieldsTakeGpt2sDefaults() throws IOException {
    Files.writeString(
        file,
        """
        {"n_layer": 2, "n_head": 4, "n_embd": 32, "n_ctx": 64, "vocab_size": 500, "n_inner": null}
        """);

    assertThat(ModelConfig.read(file)).isEqualTo(ModelConfig.gpt2(2, 4, 32, 64, 500));
  }

  @Test
  void everyNameOfAnActivationIsUnderstood() throws IOException {
    var names =
        Map.of(
            "gelu_new", Activation.GELU_NEW,
            "gelu_pytorch_tanh", Activation.GELU_NEW,
            "gelu", Activation.GELU,
            "relu", Activation.RELU);
    for (String name : names.keySet()) {
      write("activation_function", '"' + name + '"');

      assertThat(ModelConfig.read(file).activation()).isEqualTo(names.get(name));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "model_type | \"bert\" | model_type: \"bert\""
            + " (expected: one of gpt2, gpt_neox, llama, mistral, qwen2, qwen3)",
        "scale_attn_by_inverse_layer_idx | true"
            + " | scale_attn_by_inverse_layer_idx: true (expected: false)",
        "scale_attn_weights | false | scale_attn_weights: false (expected: true)",
        "add_cross_attention | true | add_cross_attention: true (expected: false)",
        "activation_function | \"mish\" | activation_function: \"mish\" (expected: one of"
            + " gelu_new, gelu_pytorch_tanh, gelu_fast, gelu, relu, silu, swish)",
        "n_layer | 0 | n_layer: 0 (expected: >= 1)",
        "n_layer | \"two\" | n_layer: \"two\" (expected: an integer)",
        "n_layer | null | n_layer is missing",
        "n_head | 5 | n_embd: 32 (expected: a multiple of n_head, 5)",
        "layer_norm_epsilon | 0 | layer_norm_epsilon: 0.0 (expected: > 0 and < 1)",
        "tie_word_embeddings | 1 | tie_word_embeddings: 1 (expected: true or false)"
      })
  void whatCannotBeRunIsRefusedWithItsValue(String key, String value, String message)
      throws IOException {
    write(key, value);

    assertThatThrownBy(() -> ModelConfig.read(file))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(file + ": " + message);
  }

  @Test
  void brokenJsonIsRefusedWithItsPlace() throws IOException {
    Files.writeString(file, "{\n\"n_layer\": }");

    assertThatThrownBy(() -> ModelConfig.read(file))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageStartingWith(file + ": not valid JSON at line 2, column 12 (")
        .hasMessageNotContaining("\n");
  }

  @Test
  void aMissingFileIsNamed() {
    assertThatThrownBy(() -> ModelConfig.read(file))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(file + ": no such file");
  }

  @Test
  void gpt2SmallHasOneHundredTwentyFourMillionParameters() {
    assertThat(ModelConfig.gpt2(12, 12, 768, 1024, 50257).parameters()).isEqualTo(124_439_808);
  }

  private void write(String key, String value) throws IOException {
    ModelConfig.gpt2(2, 4, 32, 64, 500).write(file);
    var json = JsonFiles.readObject(file);
    json.set(key, JsonFiles.MAPPER.readTree(value));
    AtomicFile.write(file, JsonFiles.indented(json));
  }
}

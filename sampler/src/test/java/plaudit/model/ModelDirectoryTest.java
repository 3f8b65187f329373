package plaudit.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plaudit.files.AtomicFile;
import plaudit.input.InvalidInputException;
import plaudit.json.JsonFiles;
import plaudit.tokens.Tokens;

class ModelDirectoryTest {

  private static final ModelConfig TINY = ModelConfig.gpt2(2, 2, 4, 8, 10);

  private Path parent;
  private Path dir;

  @BeforeEach
  void nameTheDirectory(@TempDir Path temporary) {
    parent = temporary;
    dir = temporary.resolve("model");
  }

  @Test
  void whatIsWrittenOpensAgainWithEveryNumber() {
    ModelDirectory.write(dir, TINY, ModelDirectoryTest::numbers, List.of(), Dtype.F32, null);

    ModelDirectory model = ModelDirectory.open(dir);

    assertThat(model.config()).isEqualTo(TINY);
    assertThat(model.ignored()).isEmpty();
    for (TensorSpec spec : Gpt2Layout.of(TINY)) {
      assertThat(model.weight(spec)).isEqualTo(numbers(spec));
    }
  }

  @Test
  void theFilesAreAsHuggingFaceHasThem() {
    ModelDirectory.write(dir, untied(), ModelDirectoryTest::numbers, List.of(), Dtype.F16, null);

    Safetensors file = Safetensors.open(dir.resolve("model.safetensors"));

    assertThat(file.metadata()).containsEntry("format", "pt");
    assertThat(file.names()).contains("transformer.wte.weight", "lm_head.weight");
    assertThat(file.dtype("transformer.h.1.mlp.c_fc.weight")).isEqualTo(Dtype.F16);
    assertThat(file.shape("transformer.h.1.mlp.c_fc.weight")).containsExactly(4, 16);
  }

  @Test
  void namesWithoutPrefixServeAndMasksAreNoWeights() {
    List<SafetensorsWriter.Entry> entries = entries(name -> name);
    entries.add(entry("h.0.attn.bias", 1, 1, 8, 8));
    entries.add(entry("h.0.attn.masked_bias"));
    entries.add(entry("value_head.weight", 4));
    writeModel(TINY, entries);

    ModelDirectory model = ModelDirectory.open(dir);

    assertThat(model.ignored()).containsExactly("value_head.weight");
    assertThat(model.extra("value_head.weight").orElseThrow().spec().shape()).containsExactly(4L);
    assertThat(model.extra("reward_head.weight")).isEmpty();
    assertThat(model.extra("wte.weight")).isEmpty();
  }

  @Test
  void headsBeyondTheModelTravelByTheirOwnNames() {
    TensorSpec gain = TensorSpec.of("reward.gain");
    var extra = new ModelDirectory.Extra(gain, SafetensorsTest.f32(2.5f));
    ModelDirectory.write(dir, TINY, ModelDirectoryTest::numbers, List.of(extra), Dtype.F32, null);

    ModelDirectory.Extra read = ModelDirectory.open(dir).extra("reward.gain").orElseThrow();

    assertThat(read.spec()).isEqualTo(gain);
    assertThat(SafetensorsTest.floats(read.data())).containsExactly(2.5f);
  }

  @Test
  void aTiedModelIgnoresAStoredHeadAsHuggingFaceDoes() {
    List<SafetensorsWriter.Entry> entries = entries(name -> "transformer." + name);
    entries.add(entry("lm_head.weight", 10, 4));
    writeModel(TINY, entries);

    assertThat(ModelDirectory.open(dir).ignored()).containsExactly("lm_head.weight");
  }

  @Test
  void anUntiedModelMustStoreItsHead() {
    writeModel(untied(), entries(name -> name));

    assertThatThrownBy(() -> ModelDirectory.open(dir))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(dir + ": 1 of 29 tensors missing: lm_head.weight");
  }

  @Test
  void shardsWithAnIndexMakeOneModel() throws IOException {
    List<SafetensorsWriter.Entry> entries = entries(name -> "transformer." + name);
    Files.createDirectories(dir);
    TINY.write(dir.resolve("config.json"));
    ObjectNode index = JsonFiles.newObject();
    ObjectNode map = index.putObject("weight_map");
    for (int shard = 0; shard < 2; shard++) {
      String name = "model-0000%d-of-00002.safetensors".formatted(shard + 1);
      List<SafetensorsWriter.Entry> part =
          shard == 0 ? entries.subList(0, 9) : entries.subList(9, entries.size());
      SafetensorsWriter.write(dir.resolve(name), Map.of(), part);
      part.forEach(e -> map.put(e.spec().name(), name));
    }
    AtomicFile.write(dir.resolve("model.safetensors.index.json"), JsonFiles.indented(index));

    ModelDirectory model = ModelDirectory.open(dir);

    for (TensorSpec spec : Gpt2Layout.of(TINY)) {
      assertThat(model.weight(spec)).isEqualTo(numbers(spec));
    }
    map.put("transformer.nowhere", "../elsewhere.safetensors");
    AtomicFile.write(dir.resolve("model.safetensors.index.json"), JsonFiles.indented(index));
    assertThatThrownBy(() -> ModelDirectory.open(dir))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining(
            "transformer.nowhere: \"../elsewhere.safetensors\" (expected: a file of that directory)");
  }

  @Test
  void aWrongShapeIsRefusedWithBothShapes() {
    List<SafetensorsWriter.Entry> entries = entries(name -> name);
    entries.set(1, entry("wpe.weight", 9, 4));
    writeModel(TINY, entries);

    assertThatThrownBy(() -> ModelDirectory.open(dir))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(
            "%s: shape of wpe.weight: [9, 4] (expected: [8, 4] by config.json)"
                .formatted(dir.resolve("model.safetensors")));
  }

  @Test
  void missingTensorsAreNamedAndCounted() {
    writeModel(TINY, entries(name -> name).subList(0, 20));

    assertThatThrownBy(() -> ModelDirectory.open(dir))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(
            dir
                + ": 8 of 28 tensors missing: h.1.ln_2.weight, h.1.ln_2.bias, h.1.mlp.c_fc.weight,"
                + " h.1.mlp.c_fc.bias, h.1.mlp.c_proj.weight, ...");
  }

  @Test
  void aDirectoryWithoutWeightsIsRefused() throws IOException {
    Files.createDirectories(dir);
    TINY.write(dir.resolve("config.json"));

    assertThatThrownBy(() -> ModelDirectory.open(dir))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(
            "weights of %s: none (expected: model.safetensors or model.safetensors.index.json)"
                .formatted(dir));
  }

  @Test
  void writingReplacesTheWholeDirectoryAndLeavesNothingBeside() throws IOException {
    Files.createDirectories(dir);
    Files.writeString(dir.resolve("stale.txt"), "old");

    ModelDirectory.write(dir, TINY, ModelDirectoryTest::numbers, List.of(), Dtype.F32, null);

    assertThat(names(dir)).containsExactlyInAnyOrder("config.json", "model.safetensors");
    assertThat(names(parent)).containsExactly("model");
  }

  @Test
  void theTokenizerTravelsAndMustFitTheModel() throws IOException {
    Path source = Files.createDirectories(parent.resolve("openai"));
    Files.writeString(
        source.resolve("encoder.json"), "{\"a\": 0, \"b\": 1, \"ab\": 2, \"<|endoftext|>\": 9}");
    Files.writeString(source.resolve("vocab.bpe"), "#version: 0.2\na b\n");
    ModelDirectory.write(dir, TINY, ModelDirectoryTest::numbers, List.of(), Dtype.F32, source);

    try (Tokenizer tokenizer = ModelDirectory.open(dir).openTokenizer()) {
      assertThat(tokenizer.encode("aba")).isEqualTo(Tokens.of(2, 0));
    }
    var narrow = ModelConfig.gpt2(2, 2, 4, 8, 9);
    ModelDirectory.write(dir, narrow, ModelDirectoryTest::numbers, List.of(), Dtype.F32, source);
    assertThatThrownBy(() -> ModelDirectory.open(dir).openTokenizer())
        .isInstanceOf(InvalidInputException.class)
        .hasMessageEndingWith("largest id: 9 (expected: < 9, the model's vocab_size)");
  }

  @Test
  void aPublishedModelSurvivesTheWayThroughHalfPrecision() {
    Path source = SharedData.require("craftgpt");
    ModelDirectory published = ModelDirectory.open(source);
    ModelDirectory.write(dir, published.config(), published::weight, List.of(), Dtype.F16, source);

    ModelDirectory written = ModelDirectory.open(dir);

    for (TensorSpec spec : Gpt2Layout.of(published.config())) {
      float[] before = SafetensorsTest.floats(published.weight(spec));
      float[] after = SafetensorsTest.floats(written.weight(spec));
      for (int i = 0; i < before.length; i++) {
        float bound = Math.abs(before[i]) / 2048 + 3e-8f; // half a unit of the last place
        if (Math.abs(after[i] - before[i]) > bound) {
          fail("%s at %d: %s (expected: %s)".formatted(spec.name(), i, after[i], before[i]));
        }
      }
    }
    assertThat(dir.resolve("tokenizer.json"))
        .hasSameBinaryContentAs(source.resolve("tokenizer.json"));
  }

  @Test
  void aWriteThatFailsLeavesWhatWasThere() throws IOException {
    Files.createDirectories(dir);
    Files.writeString(dir.resolve("precious.txt"), "kept");

    assertThatThrownBy(
            () ->
                ModelDirectory.write(
                    dir, TINY, spec -> ByteBuffer.allocate(4), List.of(), Dtype.F32, null))
        .isInstanceOf(IllegalArgumentException.class);

    assertThat(names(dir)).containsExactly("precious.txt");
    assertThat(names(parent)).containsExactly("model");
  }

  private static ModelConfig untied() {
    return new ModelConfig(
        2, 2, 4, 16, 8, 10, 1e-5, Activation.RELU, false, TINY.beginToken(), TINY.endToken());
  }

  private static List<SafetensorsWriter.Entry> entries(UnaryOperator<String> naming) {
    List<SafetensorsWriter.Entry> entries = new ArrayList<>();
    for (TensorSpec spec : Gpt2Layout.of(TINY)) {
      entries.add(
          SafetensorsWriter.Entry.of(
              naming.apply(spec.name()), spec.dims(), Dtype.F32, () -> numbers(spec)));
    }
    return entries;
  }

  private static SafetensorsWriter.Entry entry(String name, long... shape) {
    TensorSpec spec = TensorSpec.of(name, shape);
    return new SafetensorsWriter.Entry(spec, Dtype.F32, () -> numbers(spec));
  }

  private void writeModel(ModelConfig config, List<SafetensorsWriter.Entry> entries) {
    try {
      Files.createDirectories(dir);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    config.write(dir.resolve("config.json"));
    SafetensorsWriter.write(dir.resolve("model.safetensors"), Map.of(), entries);
  }

  /** Numbers that tell tensors and places apart. */
  private static ByteBuffer numbers(TensorSpec spec) {
    ByteBuffer bytes =
        ByteBuffer.allocate((int) spec.size() * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; bytes.hasRemaining(); i++) {
      bytes.putFloat(spec.name().hashCode() % 1000 + i / 8f);
    }
    return bytes.flip();
  }

  private static List<String> names(Path dir) throws IOException {
    try (Stream<Path> files = Files.list(dir)) {
      return files.map(f -> f.getFileName().toString()).toList();
    }
  }
}

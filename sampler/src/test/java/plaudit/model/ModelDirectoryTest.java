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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
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
    for (TensorSpec spec : Layout.of(TINY)) {
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
  void largeModelsLieInShardsAndHeadsApartAndBothAreFoundAgain() throws IOException {
    TensorSpec head = TensorSpec.of("value_head.weight", new long[] {1, 4});
    ModelDirectory.write(
        dir,
        TINY,
        ModelDirectoryTest::numbers,
        List.of(new ModelDirectory.Extra(head, numbers(head))),
        new ModelDirectory.Storage(Dtype.F32, 600, true),
        null,
        Map.of("generation_config.json", "{\"eos_token_id\": 3}"));

    ModelDirectory model = ModelDirectory.open(dir);

    for (TensorSpec spec : Layout.of(TINY)) {
      assertThat(model.weight(spec)).isEqualTo(numbers(spec));
    }
    assertThat(model.extra("value_head.weight").orElseThrow().data()).isEqualTo(numbers(head));
    assertThat(model.config().endToken()).hasValue(3);
    assertThat(dir.resolve("model.safetensors")).doesNotExist();
    var index = JsonFiles.readObject(dir.resolve("model.safetensors.index.json"));
    assertThat(index.path("weight_map")).hasSize(Layout.of(TINY).size());
    assertThat(index.path("metadata").path("total_size").asLong()).isEqualTo(4 * TINY.parameters());
    try (Stream<Path> files = Files.list(dir)) {
      assertThat(files.map(Path::getFileName).map(Path::toString))
          .filteredOn(name -> name.matches("model-\\d{5}-of-\\d{5}\\.safetensors"))
          .hasSizeGreaterThan(2)
          .contains(index.path("weight_map").path("transformer.wte.weight").asText());
    }
  }

  @Test
  void bfloatsAreTheNearest() {
    float[] values = {1f, 1.0039062f, 1.0117188f, -0f, Float.MAX_VALUE, Float.NaN, 3.1415927f};
    float[] nearest = {1f, 1f, 1.015625f, -0f, Float.POSITIVE_INFINITY, Float.NaN, 3.140625f};
    for (int i = 0; i < values.length; i++) {
      assertThat(Half.bfloatToFloat(Half.bfloatFromFloat(values[i])))
          .isEqualTo(Float.valueOf(nearest[i]));
    }
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
  void aTiedModelMayBeStoredUnderTheNameOfItsHead() {
    List<SafetensorsWriter.Entry> entries = entries(name -> "transformer." + name);
    TensorSpec embedding = Layout.of(TINY).get(0);
    entries.set(
        0,
        SafetensorsWriter.Entry.of(
            "lm_head.weight", embedding.dims(), Dtype.F32, () -> numbers(embedding)));
    writeModel(TINY, entries);

    ModelDirectory model = ModelDirectory.open(dir);

    assertThat(model.weight(embedding)).isEqualTo(numbers(embedding));
    assertThat(model.ignored()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"_orig_mod.", "module.", "pretrained_model.", "_orig_mod.module.model."})
  void aPrefixOfATrainerIsFoundAndLeftOut(String prefix) {
    List<SafetensorsWriter.Entry> entries = entries(name -> prefix + "transformer." + name);
    entries.add(entry(prefix + "lm_head.weight", 10, 4));
    entries.add(entry("v_head.summary.weight", 1, 4));
    writeModel(TinyModels.with(TINY, Activation.GELU_NEW, false), entries);

    ModelDirectory model = ModelDirectory.open(dir);

    assertThat(model.weight(Layout.of(TINY).get(5))).isEqualTo(numbers(Layout.of(TINY).get(5)));
    assertThat(model.ignored()).containsExactly("v_head.summary.weight");
  }

  @Test
  void twoModelsInOneFileAreRefused() {
    List<SafetensorsWriter.Entry> entries = entries(name -> "transformer." + name);
    entries.addAll(entries(name -> "ref." + name));
    writeModel(TINY, entries);

    assertThatThrownBy(() -> ModelDirectory.open(dir))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(
            dir + ": both ref.wte.weight and transformer.wte.weight (expected: one of them)");
  }

  @Test
  void tensorsOfLayersThatTheModelDoesNotHaveAreRefused() {
    List<SafetensorsWriter.Entry> entries = entries(name -> "transformer." + name);
    entries.add(entry("transformer.h.2.ln_1.weight", 4));
    writeModel(TINY, entries);

    assertThatThrownBy(() -> ModelDirectory.open(dir))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(
            dir
                + ": tensors of layers: transformer.h.2.ln_1.weight"
                + " (expected: only those of 2 layers of gpt2)");
  }

  @Test
  void namesOfAnotherFamilyAreShown() {
    writeModel(TINY, List.of(entry("decoder.weight", 2)));

    assertThatThrownBy(() -> ModelDirectory.open(dir))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageEndingWith(
            "... (expected: names such as transformer.wte.weight; there are decoder.weight)");
  }

  @Test
  void aPickleIsNotRead() throws IOException {
    Files.createDirectories(dir);
    TINY.write(dir.resolve("config.json"));
    Files.writeString(dir.resolve("pytorch_model.bin"), "cos\nsystem");

    assertThatThrownBy(() -> ModelDirectory.open(dir))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageStartingWith(
            "weights of " + dir + ": pytorch_model.bin (expected: model.safetensors,");
  }

  @Test
  void linksAreFollowed() throws IOException {
    Path blobs = Files.createDirectories(parent.resolve("blobs"));
    ModelDirectory.write(dir, TINY, ModelDirectoryTest::numbers, List.of(), Dtype.F32, null);
    Path links = Files.createDirectories(parent.resolve("links"));
    for (String name : names(dir)) {
      Files.move(dir.resolve(name), blobs.resolve("blob-" + name));
      Files.createSymbolicLink(links.resolve(name), Path.of("../blobs/blob-" + name));
    }

    ModelDirectory model = ModelDirectory.open(links);

    assertThat(model.weight(Layout.of(TINY).get(3))).isEqualTo(numbers(Layout.of(TINY).get(3)));
  }

  @Test
  void aFileThatIsOverwrittenLeavesNetsInUseAsTheyAreAndIsNotReadAgain() throws IOException {
    ModelDirectory.write(dir, TINY, ModelDirectoryTest::numbers, List.of(), Dtype.F32, null);
    ReferenceModel reference = new ReferenceModel(ModelDirectory.open(dir));
    Tokens text = Tokens.of(3, 1, 4);
    try (TorchNet net = reference.net(Compute.cpu(1))) {
      float[] before = net.lastLogits(List.of(text))[0];
      Files.write(dir.resolve("model.safetensors"), new byte[9]);

      assertThat(net.lastLogits(List.of(text))[0]).containsExactly(before);
    }
    assertThatThrownBy(() -> reference.net(Compute.cpu(1)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("changed since it was opened");
  }

  @ParameterizedTest
  @ValueSource(strings = {"score", "v_head.summary"})
  void aRewardModelOfAnotherTrainerIsTaken(String head) {
    List<SafetensorsWriter.Entry> entries = entries(name -> "transformer." + name);
    entries.add(entry(head + ".weight", 1, 4));
    writeModel(TINY, entries);
    Tokens text = Tokens.of(3, 1, 4);

    RewardDirectory reward = RewardDirectory.open(dir);

    assertThat(reward.scale()).isEqualTo(new RewardFile.Scale(1, 0));
    assertThat(reward.tensor(ScalarHead.REWARD.appendTo(Layout.of(TINY)).get(28)))
        .isEqualTo(numbers(TensorSpec.of(head + ".weight", 1, 4)));
    try (TorchNet net = reward.net(Compute.cpu(1))) {
      assertThat(reward.score(net, List.of(text))).isEqualTo(net.reward(List.of(text)));
      assertThat(net.reward(List.of(text))[0]).isNotZero();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"score", "v_head.summary"})
  void aPolicyBeginsWithTheValueHeadOfAnotherTrainerAndElseWithZeros(String head) {
    TensorSpec weight = ScalarHead.VALUE.appendTo(Layout.of(TINY)).get(28);
    ModelDirectory.write(dir, TINY, ModelDirectoryTest::numbers, List.of(), Dtype.F32, null);
    ReferenceModel plain = new ReferenceModel(ModelDirectory.open(dir));
    assertThat(plain.valueHead()).isEmpty();
    assertThat(plain.tensor(weight)).isEqualTo(ByteBuffer.allocate(16));

    List<SafetensorsWriter.Entry> entries = entries(name -> "transformer." + name);
    entries.add(entry(head + ".weight", 1, 4));
    writeModel(TINY, entries);
    ReferenceModel other = new ReferenceModel(ModelDirectory.open(dir));
    assertThat(other.valueHead()).contains(head);
    assertThat(other.tensor(weight)).isEqualTo(numbers(TensorSpec.of(head + ".weight", 1, 4)));
    assertThat(other.tensor(ScalarHead.VALUE.appendTo(Layout.of(TINY)).get(29)))
        .describedAs("no bias there")
        .isEqualTo(ByteBuffer.allocate(4));
  }

  @Test
  void allEndTokensOfBothFilesEndAText() throws IOException {
    ModelDirectory.write(
        dir, TINY.withEnds(1, 2), ModelDirectoryTest::numbers, List.of(), Dtype.F32, null);
    Files.writeString(dir.resolve("generation_config.json"), "{\"eos_token_id\": [7, 2, 5]}");

    assertThat(ModelDirectory.open(dir).config().tokens().ends()).containsExactly(2, 7, 5);
  }

  @Test
  void anUntiedModelMustStoreItsHead() {
    writeModel(untied(), entries(name -> name));

    assertThatThrownBy(() -> ModelDirectory.open(dir))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(
            dir
                + ": 1 of 29 tensors missing: lm_head.weight"
                + " (expected: it, or tie_word_embeddings: true in config.json)");
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

    for (TensorSpec spec : Layout.of(TINY)) {
      assertThat(model.weight(spec)).isEqualTo(numbers(spec));
    }
    map.put("transformer.nowhere", "../elsewhere.safetensors");
    AtomicFile.write(dir.resolve("model.safetensors.index.json"), JsonFiles.indented(index));
    assertThatThrownBy(() -> ModelDirectory.open(dir))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining(
            "transformer.nowhere: \"../elsewhere.safetensors\" (expected: a file of that"
                + " directory)");
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
                + " h.1.mlp.c_fc.bias, h.1.mlp.c_proj.weight, ... (the others have no prefix)");
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

    for (TensorSpec spec : Layout.of(published.config())) {
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
    return TinyModels.with(TINY, Activation.RELU, false);
  }

  private static List<SafetensorsWriter.Entry> entries(UnaryOperator<String> naming) {
    List<SafetensorsWriter.Entry> entries = new ArrayList<>();
    for (TensorSpec spec : Layout.of(TINY)) {
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

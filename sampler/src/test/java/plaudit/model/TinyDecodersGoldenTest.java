package plaudit.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import plaudit.experience.Prompt;
import plaudit.experience.Rollout;
import plaudit.json.JsonFiles;
import plaudit.sampling.Generation;
import plaudit.task.Task;
import plaudit.task.TruncationRule;
import plaudit.tokens.Tokens;

/** Random checkpoints of each family against float64 passes in NumPy that were written apart. */
class TinyDecodersGoldenTest {

  private static final double NATS = 1e-4;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "llama",
        "llama31-rope-tied",
        "llama-v5-config",
        "smollm2-like",
        "mistral-window",
        "qwen2",
        "qwen3",
        "pythia"
      })
  void everyFamilyAgreesWithItsGoldenNumbers(String name) {
    Path dir = SharedData.require("tiny-decoders/" + name);
    JsonNode golden = JsonFiles.readObject(dir.resolve("golden.json"));
    ModelDirectory model = ModelDirectory.open(dir);
    Tokens ids = tokens(golden.get("ids"));
    Tokens prompt = tokens(golden.get("greedy_prompt"));
    try (Tokenizer tokenizer = model.openTokenizer()) {
      assertThat(tokenizer.encode(golden.get("text").asText())).isEqualTo(ids);
      assertThat(tokenizer.encode(golden.get("greedy_prompt_text").asText())).isEqualTo(prompt);
    }
    try (TorchNet net = new ReferenceModel(model).wholeVocabulary(Compute.cpu(1))) {
      Tokens rest = ids.slice(1, ids.length());
      double[] expected = doubles(golden.get("token_logprobs")).toArray();
      float[][] logprobs =
          net.score(List.of(ids.slice(0, 1), prompt), List.of(rest, ids.slice(3, ids.length())), 1)
              .logprobs();
      for (int i = 0; i < expected.length; i++) {
        assertThat((double) logprobs[0][i]).isCloseTo(expected[i], within(NATS));
      }
      double mean =
          -IntStream.range(0, rest.length())
              .mapToDouble(i -> logprobs[0][i])
              .average()
              .orElseThrow();
      assertThat(mean).isCloseTo(golden.get("nats_per_token").asDouble(), within(NATS));
      float[] logits = net.lastLogits(List.of(ids, prompt))[0];
      double[] first = doubles(golden.get("last_logits_first_16")).toArray();
      for (int i = 0; i < first.length; i++) {
        assertThat((double) logits[i]).isCloseTo(first[i], within(NATS));
      }
      assertThat(IntStream.range(0, logits.length).mapToDouble(i -> logits[i]).sum())
          .isCloseTo(golden.get("last_logits_sum").asDouble(), within(1e-2));
    }
    try (TorchNet net = new ReferenceModel(model).net(Compute.cpu(1))) {
      Tokens greedy = tokens(golden.get("greedy"));
      Task task = new Task(Tokens.of(), Tokens.of(), greedy.length(), 0, TruncationRule.NONE, true);
      List<Rollout> written =
          new Generation(task, 1)
              .rollouts(net, 0, List.of(new Prompt(0, prompt), new Prompt(1, ids)), 2);
      assertThat(written.get(0).response()).isEqualTo(greedy);
      assertThat(written.get(1).response()).isEqualTo(greedy);
    }
  }

  private static Tokens tokens(JsonNode json) {
    return Tokens.of(
        StreamSupport.stream(json.spliterator(), false).mapToInt(JsonNode::asInt).toArray());
  }

  private static DoubleStream doubles(JsonNode json) {
    return StreamSupport.stream(json.spliterator(), false).mapToDouble(JsonNode::asDouble);
  }
}

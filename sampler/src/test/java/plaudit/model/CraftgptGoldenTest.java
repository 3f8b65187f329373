package plaudit.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import plaudit.experience.Prompt;
import plaudit.experience.Rollout;
import plaudit.sampling.Generation;
import plaudit.task.Task;
import plaudit.task.TruncationRule;
import plaudit.tokens.PerToken;
import plaudit.tokens.Tokens;

/** A real checkpoint against a float64 forward pass that somebody else wrote. */
class CraftgptGoldenTest {

  private final Path dir = SharedData.require("craftgpt");
  private final List<Golden> cases = cases(dir);

  private record Golden(
      String prompt, Tokens inputIds, Tokens greedyIds, List<Double> lastLogits, double meanNll) {}

  @Test
  void theTokenizerGivesTheSameIds() {
    try (Tokenizer tokenizer = ModelDirectory.open(dir).openTokenizer()) {
      for (Golden golden : cases) {
        assertThat(tokenizer.encode("[inst] " + golden.prompt() + " [/inst]"))
            .isEqualTo(golden.inputIds());
      }
    }
  }

  @Test
  void lastLogitsAgreeWithFloat64AloneAndInPaddedCompany() {
    List<Tokens> prompts = cases.stream().map(Golden::inputIds).toList();
    try (TorchNet net = net()) {
      float[][] together = net.lastLogits(prompts);
      for (int i = 0; i < cases.size(); i++) {
        float[] alone = net.lastLogits(List.of(prompts.get(i)))[0];
        assertThat(largestGap(cases.get(i).lastLogits(), alone)).isLessThan(1e-4);
        assertThat(largestGap(cases.get(i).lastLogits(), together[i])).isLessThan(1e-4);
      }
    }
  }

  @Test
  void theLikeliestTokensAreTheSameInOneBatch() {
    int length = cases.get(0).greedyIds().length();
    Task greedy = new Task(Tokens.of(), Tokens.of(), length, 0, TruncationRule.NONE, true);
    List<Prompt> prompts =
        IntStream.range(0, cases.size())
            .mapToObj(i -> new Prompt(i, cases.get(i).inputIds()))
            .toList();
    try (TorchNet net = net()) {
      List<Rollout> rollouts = new Generation(greedy, 1).rollouts(net, 0, prompts, 1);
      assertThat(rollouts.stream().map(Rollout::response))
          .isEqualTo(cases.stream().map(Golden::greedyIds).toList());
    }
  }

  @Test
  void aPromptIsAsSurprisingAsItShouldBe() {
    try (TorchNet net = net()) {
      for (Golden golden : cases) {
        Tokens ids = golden.inputIds();
        float[] logprobs =
            net.score(List.of(ids.slice(0, 1)), List.of(ids.slice(1, ids.length())), 1)
                .logprobs()[0];
        assertThat(-PerToken.of(logprobs).sum() / logprobs.length)
            .isCloseTo(golden.meanNll(), within(1e-4));
      }
    }
  }

  private TorchNet net() {
    return new ReferenceModel(ModelDirectory.open(dir)).net(Compute.cpu(1));
  }

  private static double largestGap(List<Double> expected, float[] actual) {
    assertThat(actual).hasSize(expected.size());
    return IntStream.range(0, actual.length)
        .mapToDouble(i -> Math.abs(expected.get(i) - actual[i]))
        .max()
        .orElseThrow();
  }

  private static List<Golden> cases(Path dir) {
    List<Golden> cases = new ArrayList<>();
    try {
      JsonNode json = new ObjectMapper().readTree(dir.resolve("golden.json").toFile());
      for (JsonNode node : json.path("cases")) {
        cases.add(
            new Golden(
                node.path("prompt").asText(),
                tokens(node.path("input_ids")),
                tokens(node.path("greedy_ids")),
                numbers(node.path("last_logits_float64")).boxed().toList(),
                node.path("mean_nll_of_prompt").asDouble()));
      }
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    assertThat(cases).isNotEmpty();
    return cases;
  }

  private static Tokens tokens(JsonNode ids) {
    return Tokens.of(numbers(ids).mapToInt(id -> (int) id).toArray());
  }

  private static DoubleStream numbers(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false).mapToDouble(JsonNode::asDouble);
  }
}

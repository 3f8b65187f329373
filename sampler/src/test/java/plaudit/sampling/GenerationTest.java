package plaudit.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import plaudit.experience.Prompt;
import plaudit.experience.Rollout;
import plaudit.model.CausalNet.ResponseScores;
import plaudit.model.TinyModels;
import plaudit.model.TinySnapshots;
import plaudit.model.TorchNet;
import plaudit.task.Task;
import plaudit.task.TruncationRule;
import plaudit.tokens.Tokens;

class GenerationTest {

  private static final int LENGTH = 6;
  private static final Task TASK =
      new Task(Tokens.of(1), Tokens.of(2, 3), LENGTH, 0.7f, TruncationRule.NONE, true);
  private static final Generation GENERATION = new Generation(TASK, 17);

  private final TorchNet net = TinySnapshots.policyNet(0);

  @AfterEach
  void close() {
    net.close();
  }

  @Test
  void rolloutsComePromptAfterPromptWithTheirResponsesInOrder() {
    List<Rollout> rollouts = GENERATION.rollouts(net, 4, prompts(3), 2);
    assertThat(rollouts).extracting(Rollout::promptId).containsExactly(0L, 0L, 1L, 1L, 2L, 2L);
    assertThat(rollouts).extracting(Rollout::index).containsExactly(0, 1, 0, 1, 0, 1);
    assertThat(rollouts)
        .allSatisfy(
            rollout -> {
              assertThat(rollout.policyVersion()).isEqualTo(4);
              assertThat(rollout.response().length()).isEqualTo(LENGTH);
            });
    assertThat(rollouts.get(2).query()).isEqualTo(prompts(3).get(1).query());
    assertThat(rollouts.get(0).response()).isNotEqualTo(rollouts.get(1).response());
  }

  @Test
  void theSameResponseIsWrittenWhateverTheCompany() {
    List<Rollout> together = GENERATION.rollouts(net, 4, prompts(5), 2);
    List<Rollout> alone = new ArrayList<>();
    for (Prompt prompt : prompts(5)) {
      alone.addAll(GENERATION.rollouts(net, 4, List.of(prompt), 2));
    }
    assertThat(alone.stream().map(Rollout::response))
        .isEqualTo(together.stream().map(Rollout::response).toList());
    for (int i = 0; i < alone.size(); i++) {
      for (int t = 0; t < LENGTH; t++) {
        assertThat(alone.get(i).logprobs().get(t))
            .isCloseTo(together.get(i).logprobs().get(t), within(1e-5f));
      }
    }
    assertThat(GENERATION.rollouts(net, 4, prompts(5), 2)).isEqualTo(together);
  }

  @Test
  void anotherSeedOrVersionWritesSomethingElse() {
    List<Tokens> responses = responses(GENERATION, 4);
    assertThat(responses(new Generation(TASK, 18), 4)).isNotEqualTo(responses);
    assertThat(responses(GENERATION, 5)).isNotEqualTo(responses);
  }

  @Test
  void whatTheNetworkSaidWhileWritingIsWhatItSaysAfterwards() {
    List<Rollout> rollouts = GENERATION.rollouts(net, 0, prompts(4), 1);
    ResponseScores scores =
        net.score(
            rollouts.stream().map(rollout -> TASK.context(rollout.query())).toList(),
            rollouts.stream().map(Rollout::response).toList(),
            TASK.temperature());
    for (int i = 0; i < rollouts.size(); i++) {
      assertThat(rollouts.get(i).logprobs().toArray())
          .containsExactly(scores.logprobs()[i], within(1e-5f));
      assertThat(rollouts.get(i).values().toArray())
          .containsExactly(scores.values()[i], within(1e-5f));
    }
  }

  /** Section 9: the same texts as the paper's sampling, but for what comes after their end. */
  @Test
  void whereTheEndIsARealOneAResponseIsOverThere() {
    List<Rollout> whole = GENERATION.rollouts(net, 0, prompts(12), 2);
    int end = whole.get(0).response().get(2);
    Task stopping =
        new Task(
            Tokens.of(1),
            Tokens.of(2, 3),
            LENGTH,
            0.7f,
            new TruncationRule(List.of(end), 0, -1, true),
            true);
    List<Rollout> over = new Generation(stopping, 17).rollouts(net, 0, prompts(12), 2);
    for (int i = 0; i < over.size(); i++) {
      Tokens kept = stopping.truncation().truncate(whole.get(i).response()).kept();
      assertThat(over.get(i).response()).isEqualTo(kept);
      assertThat(over.get(i).logprobs().length()).isEqualTo(kept.length());
      assertThat(over.get(i).values().toArray())
          .containsExactly(
              Arrays.copyOf(whole.get(i).values().toArray(), kept.length()), within(1e-5f));
    }
    assertThat(over).extracting(r -> r.response().length()).contains(LENGTH).doesNotContain(0);
    assertThat(over.get(0).response().length()).isLessThanOrEqualTo(3);
  }

  private List<Tokens> responses(Generation generation, long version) {
    return generation.rollouts(net, version, prompts(4), 1).stream()
        .map(Rollout::response)
        .toList();
  }

  private static List<Prompt> prompts(int count) {
    Random random = new Random(8);
    List<Prompt> prompts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      prompts.add(new Prompt(i, TinyModels.text(random, 2 + i, 37)));
    }
    return prompts;
  }
}

package plaudit.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plaudit.eval.texts.QueryResponse;
import plaudit.input.InvalidInputException;
import plaudit.model.Compute;
import plaudit.model.Layout;
import plaudit.model.ModelDirectory;
import plaudit.model.ScalarHead;
import plaudit.model.TensorSpec;
import plaudit.model.Tokenizer;
import plaudit.model.TorchNet;
import plaudit.model.Weights;
import plaudit.tokens.Tokens;

class RewardScorerTest {

  private static final QueryResponse ANSWER = new QueryResponse("the cat", " sat on the mat");

  @TempDir private Path dir;

  @Test
  void theScoreIsTheScaledHeadOnQueryAndResponse() {
    Path model = TinyScorerModel.writeReward(dir.resolve("reward"), 3);

    double[] scores = score(model, Passage.of(ANSWER));

    assertThat(scores[0])
        .isCloseTo(TinyScorerModel.GAIN * head(model) + TinyScorerModel.BIAS, within(1e-5));
  }

  @Test
  void manyAreScoredInTheirOrder() {
    Path model = TinyScorerModel.writeReward(dir.resolve("reward"), 3);
    Passage one = Passage.of(ANSWER);
    Passage other = Passage.of(new QueryResponse("the dog", " ran to the cat and the cat sat"));
    Passage[] many = new Passage[40];
    Arrays.setAll(many, i -> i % 3 == 0 ? one : other);

    double[] scores = score(model, many);

    for (int i = 0; i < scores.length; i++) {
      assertThat(scores[i]).isCloseTo(scores[i % 3 == 0 ? 0 : 1], within(1e-5));
    }
    assertThat(scores[0]).isNotCloseTo(scores[1], within(1e-4));
  }

  @Test
  void tokensOfTheSameTextAreTakenAsTheyWereWritten() {
    Path model = TinyScorerModel.writeReward(dir.resolve("reward"), 3);
    try (Tokenizer tokenizer = Tokenizer.open(model)) {
      // Letter by letter: other tokens than encoding gives, but the same text.
      int[] letters =
          ANSWER.response().chars().map(c -> tokenizer.encode("" + (char) c).get(0)).toArray();
      Tokens spelled = Tokens.of(letters);
      assertThat(tokenizer.decode(spelled)).isEqualTo(ANSWER.response());
      Tokens query = tokenizer.encode(ANSWER.query());
      Passage written = new Passage(ANSWER, Optional.of(new Passage.Written(query, spelled)));
      Passage foreign =
          new Passage(ANSWER, Optional.of(new Passage.Written(query, Tokens.of(1, 2, 3))));

      double[] scores = score(model, Passage.of(ANSWER), written, foreign);

      assertThat(scores[1]).isNotCloseTo(scores[0], within(1e-4));
      assertThat(scores[2]).as("tokens of another text").isCloseTo(scores[0], within(1e-5));
    }
  }

  @Test
  void aModelWithoutARewardHeadIsRefused() {
    Path model = TinyScorerModel.write(dir.resolve("model"), 3);

    assertThatThrownBy(() -> RewardScorer.open(model, Compute.cpu(1)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("no tensor reward_head.weight of shape [1, 16]");
  }

  @Test
  void aTextBeyondTheContextIsRefused() {
    Path model = TinyScorerModel.writeReward(dir.resolve("reward"), 3);
    Passage longOne = Passage.of(new QueryResponse("the cat", " the".repeat(60)));

    assertThatThrownBy(() -> score(model, longOne))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("1 to 48, the context of");
  }

  private static double[] score(Path model, Passage... passages) {
    try (RewardScorer scorer = RewardScorer.open(model, Compute.cpu(1))) {
      return scorer.score(List.of(passages));
    }
  }

  private static float head(Path model) {
    ModelDirectory directory = ModelDirectory.open(model);
    List<TensorSpec> specs = ScalarHead.REWARD.appendTo(Layout.of(directory.config()));
    Weights weights =
        Weights.read(
            specs,
            spec ->
                ScalarHead.REWARD.owns(spec)
                    ? directory.extra(spec.name()).orElseThrow().data()
                    : directory.weight(spec),
            false,
            Compute.cpu(1));
    try (Tokenizer tokenizer = directory.openTokenizer();
        TorchNet net = TorchNet.of(directory.config(), weights, Compute.cpu(1))) {
      Tokens all = tokenizer.encode(ANSWER.query()).concat(tokenizer.encode(ANSWER.response()));
      return net.reward(List.of(all))[0];
    }
  }
}

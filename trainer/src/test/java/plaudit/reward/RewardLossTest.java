package plaudit.reward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import plaudit.model.Compute;
import plaudit.model.ModelConfig;
import plaudit.model.Products;
import plaudit.model.TensorSpec;
import plaudit.model.TorchProgram;
import plaudit.model.Weights;
import plaudit.optim.Losses;
import plaudit.reward.RewardScale.Moments;
import plaudit.tokens.Tokens;

/** The TorchScript losses over given rewards: golden numbers, plain Java, finite differences. */
class RewardLossTest {

  private static final Compute CPU = Compute.cpu(1);
  private static final ModelConfig CONFIG = ModelConfig.gpt2(1, 2, 16, 16, 11);

  /** The rewards stand in the weights' place, so that there are gradients of them. */
  private static final String OF_REWARDS =
      """
        def of_%1$s(self, t: Tensor, w: List[Tensor]) -> Tuple[Tensor, Tensor]:
          return ((self).%1$s(w[0], t, ), t)
      """;

  private static final TorchProgram PROGRAM =
      TorchProgram.compile(
          Losses.REWARD.over(CONFIG, Products.PLAIN)
              + OF_REWARDS.formatted("best_of_n")
              + OF_REWARDS.formatted("pairwise")
              + OF_REWARDS.formatted("rating")
              + OF_REWARDS.formatted("compare")
              + OF_REWARDS.formatted("centering").replace("w[0], t, )", "w[0], )"),
          CPU);

  private static final float[] SCORES = {0, 1, 2, -1};

  @AfterAll
  static void closeTheProgram() {
    PROGRAM.close();
  }

  @Test
  void theLossOfAChoiceAmongFourIsTheReleases() {
    assertThat(fast(RewardLoss.BEST_OF_N, best(4, 2), SCORES).loss()).isCloseTo(.4401897, eps());
    assertThat(fast(RewardLoss.BEST_OF_N, best(4, 0), SCORES).loss()).isCloseTo(2.4401897, eps());
  }

  @Test
  void chanceIsTheLogarithmOfHowManyAreShown() {
    for (int n = 2; n <= 6; n++) {
      assertThat(fast(RewardLoss.BEST_OF_N, best(n, 1), new float[n]).loss())
          .isCloseTo(Math.log(n), eps());
    }
  }

  @Test
  void aTieSpreadsTheMassOverItsSamples() {
    assertThat(fast(RewardLoss.BEST_OF_N, best(4, 2, 0), SCORES).loss())
        .isCloseTo((.4401897 + 2.4401897) / 2, eps());
  }

  @Test
  void pairsOfAChoiceAreTheChosenAgainstEachOther() {
    double expected = 0;
    for (int other : new int[] {0, 1, 3}) {
      expected += Math.log1p(Math.exp(SCORES[other] - SCORES[2])) / 3;
    }
    assertThat(fast(RewardLoss.PAIRWISE, best(4, 2), SCORES).loss()).isCloseTo(expected, eps());
  }

  @Test
  void pairsOfARankingAreAllPairs() {
    RewardExample ranked = example(3, new Target.Ranking(List.of(1, 0, 2)));
    double expected =
        (Math.log1p(Math.exp(-1)) + Math.log1p(Math.exp(-3)) + Math.log1p(Math.exp(-2))) / 3;
    assertThat(fast(RewardLoss.PAIRWISE, ranked, new float[] {2, 3, 0}).loss())
        .isCloseTo(expected, eps());
  }

  @Test
  void ofTwoResponsesBothLossesAreBradleyAndTerrys() {
    float[] rewards = {.3f, -.4f};
    double expected = Math.log1p(Math.exp(.7));
    assertThat(fast(RewardLoss.PAIRWISE, best(2, 1), rewards).loss()).isCloseTo(expected, eps());
    assertThat(fast(RewardLoss.BEST_OF_N, best(2, 1), rewards).loss()).isCloseTo(expected, eps());
  }

  @Test
  void aRatingIsASquaredDistance() {
    RewardExample rated = example(1, new Target.Score(3.5));
    assertThat(fast(RewardLoss.RATING, rated, new float[] {2}).loss()).isCloseTo(2.25, eps());
  }

  @Test
  void aDifferenceIsTheSecondLessTheFirst() {
    RewardExample compared = example(2, new Target.Difference(1));
    assertThat(fast(RewardLoss.COMPARE, compared, new float[] {1, .5f}).loss())
        .isCloseTo(2.25, eps());
  }

  @Test
  void centeringCostsTheSquaredSumOfARowsRewards() {
    TensorSpec spec = TensorSpec.of("z", 1, 4);
    try (Weights z = Weights.read(List.of(spec), any -> bytes(SCORES), true, CPU);
        NDManager scope = PROGRAM.scope()) {
      NDList out =
          PROGRAM.train("of_centering", scope, z, scope.create(new float[] {0}, new Shape(1, 1)));
      PROGRAM.backward(out.get(0));
      assertThat((double) out.get(0).getFloat()).isCloseTo(4, eps());
      try (NDList gradients = PROGRAM.gradients(z)) {
        assertThat(gradients.get(0).toFloatArray()).containsExactly(4, 4, 4, 4);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void theFastLossIsTheSlowOneAndItsGradientThatOfFiniteDifferences(
      RewardLoss loss, RewardExample example, float[] rewards) {
    Fast fast = fast(loss, example, rewards);
    assertThat(fast.loss()).isCloseTo(loss.of(rewards, example), eps());
    float step = 1e-2f;
    for (int i = 0; i < rewards.length; i++) {
      float[] up = rewards.clone();
      float[] down = rewards.clone();
      up[i] += step;
      down[i] -= step;
      double slope = (loss.of(up, example) - loss.of(down, example)) / (up[i] - down[i]);
      assertThat((double) fast.gradient()[i]).isCloseTo(slope, within(1e-4));
    }
  }

  static Stream<Arguments> all() {
    float[] four = {.2f, -1.1f, .9f, .4f};
    return Stream.of(
        Arguments.of(RewardLoss.BEST_OF_N, best(4, 3), four),
        Arguments.of(RewardLoss.BEST_OF_N, best(4, 1, 2), four),
        Arguments.of(RewardLoss.BEST_OF_N, best(3, 0), new float[] {1, 2, 3}),
        Arguments.of(RewardLoss.PAIRWISE, best(4, 3), four),
        Arguments.of(RewardLoss.PAIRWISE, best(4, 1, 2), four),
        Arguments.of(
            RewardLoss.PAIRWISE, example(4, new Target.Ranking(List.of(0, 2, 1, 1))), four),
        Arguments.of(RewardLoss.RATING, example(1, new Target.Score(-.7)), new float[] {.6f}),
        Arguments.of(
            RewardLoss.COMPARE, example(2, new Target.Difference(-2)), new float[] {.6f, 1}));
  }

  @Test
  void scoresStartAtTheirOwnScaleAndDifferencesAtHalfOfTheirs() {
    List<RewardExample> rated =
        List.of(example(1, new Target.Score(2)), example(1, new Target.Score(6)));
    assertThat(RewardLoss.RATING.startingScale(rated)).isEqualTo(new Moments(4, 2));
    List<RewardExample> compared =
        List.of(example(2, new Target.Difference(-2)), example(2, new Target.Difference(6)));
    assertThat(RewardLoss.COMPARE.startingScale(compared)).isEqualTo(new Moments(1, 2));
    assertThat(RewardLoss.PAIRWISE.startingScale(List.of())).isEqualTo(new Moments(0, 1));
  }

  private record Fast(double loss, float[] gradient) {}

  private static Fast fast(RewardLoss loss, RewardExample example, float[] rewards) {
    TensorSpec spec = TensorSpec.of("z", 1, rewards.length);
    try (Weights z = Weights.read(List.of(spec), any -> bytes(rewards), true, CPU);
        NDManager scope = PROGRAM.scope()) {
      NDArray target =
          scope.create(loss.numbers(example), new Shape(loss.shape(1, rewards.length)));
      String method = "of_" + loss.method().replaceFirst("_loss$", "");
      NDList out = PROGRAM.train(method, scope, z, target);
      PROGRAM.backward(out.get(0));
      try (NDList gradients = PROGRAM.gradients(z)) {
        return new Fast(out.get(0).getFloat(), gradients.get(0).toFloatArray());
      }
    }
  }

  private static ByteBuffer bytes(float[] numbers) {
    ByteBuffer bytes = ByteBuffer.allocateDirect(4 * numbers.length).order(ByteOrder.LITTLE_ENDIAN);
    for (float number : numbers) {
      bytes.putFloat(number);
    }
    return bytes.flip();
  }

  private static RewardExample best(int n, Integer... indices) {
    return example(n, new Target.Best(List.of(indices)));
  }

  private static RewardExample example(int n, Target target) {
    List<Tokens> sequences = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      sequences.add(Tokens.of(1, i));
    }
    return new RewardExample(sequences, target);
  }

  private static org.assertj.core.data.Offset<Double> eps() {
    return within(1e-5);
  }
}

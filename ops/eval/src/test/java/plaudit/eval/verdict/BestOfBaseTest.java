package plaudit.eval.verdict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import plaudit.eval.frontier.BestOfN;

class BestOfBaseTest {

  private static final double[][] SCORES = {{0, 1, 2, 3}, {3, 2, 1, 0}};

  @Test
  void nIsTheLargestWhoseKlIsAtMostTheTunedModels() {
    assertThat(of(SCORES, 0).n()).isEqualTo(1);
    assertThat(of(SCORES, BestOfN.kl(2)).n()).isEqualTo(2);
    assertThat(of(SCORES, BestOfN.kl(3) - 1e-9).n()).isEqualTo(2);
    assertThat(of(SCORES, 9).n()).isEqualTo(4);
    assertThat(of(SCORES, 9).cutByDraws(9)).isTrue();
    assertThat(of(SCORES, BestOfN.kl(4)).cutByDraws(BestOfN.kl(4))).isFalse();
  }

  @Test
  void theRewardModelChoosesAndTheJudgeScores() {
    double[][] wrong = {{3, 2, 1, 0}, {0, 1, 2, 3}};
    BestOfBase best = of(wrong, 9);
    assertThat(best.score().mean()).isEqualTo(0);
    assertThat(best.byJudge().mean()).isEqualTo(3);
    assertThat(best.ahead().mean()).isEqualTo(2.5);
    assertThat(of(SCORES, 9).ahead().mean()).isCloseTo(-.5, within(1e-9));
  }

  @Test
  void theSmallestNThatIsAsGoodIsNamed() {
    assertThat(of(SCORES, 9).enough()).hasValue(3); // its mean is 2.75, that of two 2
    double[][] wrong = {{3, 2, 1, 0}, {0, 1, 2, 3}};
    assertThat(of(wrong, 9).enough()).isEmpty();
  }

  @Test
  void asManyPromptsOfEachAreNeeded() {
    assertThatThrownBy(() -> BestOfBase.of(SCORES, SCORES, new double[1], 1, 1))
        .hasMessageContaining("2, 2, 1");
  }

  private static BestOfBase of(double[][] rewards, double kl) {
    return BestOfBase.of(rewards, SCORES, new double[] {2.5, 2.5}, kl, 1);
  }
}

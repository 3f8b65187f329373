package plaudit.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class AdvantagesTest {

  private static final float[][] REWARDS = {{.1f, -.2f, 0, 1}, {0, .3f, -.1f, -1}};
  private static final float[][] VALUES = {{.5f, .4f, .3f, .2f}, {0, -.1f, .2f, .1f}};

  @Test
  void theGoldenBatchComesOutAsInTheRelease() {
    Advantages.Estimates estimates = Advantages.estimate(REWARDS, VALUES, 1, .95);

    assertRows(
        estimates.advantages(),
        new float[] {.31065f, .327f, .66f, .8f},
        new float[] {-.6536125f, -.58275f, -1.245f, -1.1f});
    assertRows(
        estimates.returns(),
        new float[] {.81065f, .727f, .96f, 1},
        new float[] {-.6536125f, -.68275f, -1.045f, -1});
    assertRows(
        Whitening.whiten(estimates.advantages()),
        new float[] {.65924f, .68097f, 1.12346f, 1.30949f},
        new float[] {-.62208f, -.52792f, -1.40792f, -1.21524f});
  }

  @Test
  void whitenedRewardsGiveTheGoldenAdvantagesToo() {
    float[][] rewards = Whitening.whitenKeepingMean(REWARDS);

    assertRows(
        Advantages.estimate(rewards, VALUES, 1, .95).advantages(),
        new float[] {.980844f, .946853f, 1.520398f, 1.717913f},
        new float[] {-1.312649f, -1.264242f, -2.243666f, -2.041151f});
  }

  @Test
  void lambdaOneMakesTheReturnTheSumOfWhatIsStillToCome() {
    Advantages.Estimates estimates = Advantages.estimate(REWARDS, VALUES, 1, 1);

    assertThat(estimates.returns()[0]).containsExactly(new float[] {.9f, .8f, 1, 1}, within(1e-6f));
  }

  @Test
  void lambdaZeroLooksOneTokenAhead() {
    Advantages.Estimates estimates = Advantages.estimate(REWARDS, VALUES, .5, 0);

    // r_t + gamma V_{t+1}
    assertThat(estimates.returns()[0])
        .containsExactly(new float[] {.3f, -.05f, .1f, 1}, within(1e-6f));
  }

  @Test
  void aValueForEachRewardIsAskedFor() {
    assertThatThrownBy(() -> Advantages.estimate(REWARDS, new float[][] {{1}}, 1, 1))
        .hasMessage("rows of values: 1 (expected: 2, as of rewards)");
    assertThatThrownBy(() -> Advantages.estimate(REWARDS, new float[][] {{1}, {1}}, 1, 1))
        .hasMessage("values of row 0: 1 (expected: 4, as of rewards)");
  }

  private static void assertRows(float[][] actual, float[]... expected) {
    assertThat(actual.length).isEqualTo(expected.length);
    for (int i = 0; i < expected.length; i++) {
      assertThat(actual[i]).containsExactly(expected[i], within(1e-5f));
    }
  }
}

package plaudit.reward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.FloatRange;
import org.junit.jupiter.api.Test;

class RewardScaleTest {

  @Test
  void theGoldenScoresGiveTheGoldenScale() {
    RewardScale scale = RewardScale.normalising(new float[] {1, 2, 4, 5});

    assertThat(scale.gain()).isCloseTo(.6324555, within(1e-7));
    assertThat(scale.bias()).isCloseTo(-1.8973666, within(1e-7));
  }

  @Test
  void scalarLabelsMayAskForAnotherMeanAndDeviation() {
    RewardScale scale = RewardScale.moving(3, 2, 10, 4);

    assertThat(scale.apply(3)).isEqualTo(10);
    assertThat(scale.apply(5)).isEqualTo(14);
  }

  @Test
  void theIdentityLeavesTheRawScore() {
    assertThat(RewardScale.IDENTITY.apply(.7)).isEqualTo(.7);
  }

  @Test
  void scoresThatSayNothingAreRefused() {
    assertThatThrownBy(() -> RewardScale.normalising(new float[] {2, 2}))
        .hasMessage(
            "mean and standard deviation of the raw scores: 2.0, 0.0 (expected: finite, and > 0)");
    assertThatThrownBy(() -> RewardScale.normalising(new float[] {2, Float.NaN}))
        .hasMessageContaining("NaN, NaN");
    assertThatThrownBy(() -> RewardScale.normalising(new float[0]))
        .hasMessage("raw scores: none (expected: at least two)");
    assertThatThrownBy(() -> new RewardScale(Double.NaN, 0))
        .hasMessage("gain, bias: NaN, 0.0 (expected: finite)");
  }

  @Property
  void theScaleKeepsTheOrderOfScores(
      @ForAll @FloatRange(min = -50, max = 50) float a,
      @ForAll @FloatRange(min = .1f, max = 50) float above) {
    RewardScale scale = RewardScale.normalising(new float[] {a, a + above});

    assertThat(scale.apply(a)).isCloseTo(-1, within(1e-4));
    assertThat(scale.apply(a + above)).isCloseTo(1, within(1e-4));
  }
}

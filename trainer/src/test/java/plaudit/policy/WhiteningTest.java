package plaudit.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.FloatRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class WhiteningTest {

  @Test
  void rewardsKeepTheirMeanAndTakeThePopulationVariance() {
    float[][] white =
        Whitening.whitenKeepingMean(
            new float[][] {{1.2f, 1.3f, 1.4f}, {1.5f, 1.6f, 1.7f}, {1.8f, 1.9f, 2.0f}});

    assertThat(white[0]).containsExactly(new float[] {.05081f, .43811f, .82540f}, within(1e-5f));
  }

  @Test
  void theGoldenRewardsComeOutAsInTheRelease() {
    float[][] white =
        Whitening.whitenKeepingMean(new float[][] {{.1f, -.2f, 0, 1}, {0, .3f, -.1f, -1}});

    assertThat(white[0])
        .containsExactly(new float[] {.181334f, -.397526f, -.011619f, 1.917913f}, within(1e-5f));
    assertThat(white[1])
        .containsExactly(new float[] {-.011619f, .567241f, -.204572f, -1.941151f}, within(1e-5f));
  }

  /** By hand: in rows of one number pair each, +-1 around the mean whatever the spread. */
  @Test
  void inPartsEachPartIsWhitenedByItself() {
    float[][] values = {{1, 3}, {10, 30}};

    assertThat(Whitening.whiten(values, 2)[0]).containsExactly(new float[] {-1, 1}, within(1e-5f));
    assertThat(Whitening.whiten(values, 2)[1]).containsExactly(new float[] {-1, 1}, within(1e-5f));
    assertThat(Whitening.whitenKeepingMean(values, 2)[0])
        .containsExactly(new float[] {1, 3}, within(1e-5f));
    assertThat(Whitening.whitenKeepingMean(values, 2)[1])
        .containsExactly(new float[] {19, 21}, within(1e-5f));
    // Together: mean 11, variance (100 + 64 + 1 + 361) / 4 = 131.5.
    assertThat(Whitening.whiten(values, 1)[0])
        .containsExactly(new float[] {-.87204f, -.69764f}, within(1e-5f));
    assertThat(Whitening.whiten(values, 1)).isDeepEqualTo(Whitening.whiten(values));
  }

  /** The release's ranks: rank k has its 64 of 512 sequences, and whitens as if they were all. */
  @Test
  void eightPartsOfABatchAreWhatEightRanksMakeOfTheirs() {
    float[][] batch = new float[512][24];
    Random random = new Random(1);
    for (float[] row : batch) {
      for (int t = 0; t < row.length; t++) {
        row[t] = (float) random.nextGaussian();
      }
    }
    float[][] white = Whitening.whitenKeepingMean(batch, 8);

    for (int rank = 0; rank < 8; rank++) {
      float[][] own = Arrays.copyOfRange(batch, 64 * rank, 64 * (rank + 1));
      assertThat(Arrays.copyOfRange(white, 64 * rank, 64 * (rank + 1)))
          .isDeepEqualTo(Whitening.whitenKeepingMean(own));
    }
    assertThat(white[0][0]).isNotEqualTo(Whitening.whitenKeepingMean(batch)[0][0]);
  }

  @Test
  void partsAreWholeRows() {
    assertThatThrownBy(() -> Whitening.whiten(new float[][] {{1}, {2}, {3}}, 2))
        .hasMessage("parts to whiten: 2 (expected: a divisor of 3 rows)");
  }

  @Test
  void equalNumbersBecomeZeroRatherThanNaN() {
    assertThat(Whitening.whiten(new float[][] {{3, 3}})[0]).containsExactly(0, 0);
  }

  @Test
  void nothingCannotBeWhitened() {
    assertThatThrownBy(() -> Whitening.whiten(new float[][] {{}}))
        .hasMessage("values to whiten: none (expected: at least one)");
  }

  @Property
  void whiteNumbersHaveMeanZeroAndAtMostVarianceOne(
      @ForAll @Size(min = 2, max = 50) float @FloatRange(min = -100, max = 100) [] values) {
    float[] white = Whitening.whiten(new float[][] {values})[0];

    double mean = 0;
    for (float value : white) {
      mean += value / white.length;
    }
    double variance = 0;
    for (float value : white) {
      variance += (value - mean) * (value - mean) / white.length;
    }
    assertThat(mean).isCloseTo(0, within(1e-4));
    assertThat(variance).isLessThan(1 + 1e-4);
  }
}

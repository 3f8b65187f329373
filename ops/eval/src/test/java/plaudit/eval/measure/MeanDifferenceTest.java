package plaudit.eval.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class MeanDifferenceTest {

  @Test
  void meansDeviationAndEffectComeOut() {
    MeanDifference difference =
        MeanDifference.of(new double[] {0, 1, 2, 3}, new double[] {2, 3, 4, 7}, new Random(1));

    assertThat(difference.prompts()).isEqualTo(4);
    assertThat(difference.baseMean()).isEqualTo(1.5);
    assertThat(difference.tunedMean()).isEqualTo(4);
    assertThat(difference.mean()).isEqualTo(2.5);
    assertThat(difference.deviation()).isEqualTo(1);
    // Pooled: sqrt((5/3 + 14/3) / 2)
    assertThat(difference.effect()).isCloseTo(2.5 / Math.sqrt(19 / 6d), within(1e-12));
    assertThat(difference.low()).isBetween(2d, 2.5);
    assertThat(difference.high()).isBetween(2.5, 4d);
  }

  @Test
  void theIntervalOfManyNormalDifferencesIsThatOfTheTextbook() {
    Random random = new Random(3);
    double[] base = random.doubles(2_000).toArray();
    double[] tuned = new double[base.length];
    for (int i = 0; i < base.length; i++) {
      tuned[i] = base[i] + .5 + random.nextGaussian();
    }

    MeanDifference difference = MeanDifference.of(base, tuned, random);

    double half = 1.96 * difference.deviation() / Math.sqrt(base.length);
    assertThat(difference.low()).isCloseTo(difference.mean() - half, within(.005));
    assertThat(difference.high()).isCloseTo(difference.mean() + half, within(.005));
  }

  @Test
  void oneSeedGivesOneInterval() {
    double[] base = {0, 1, 0, 1};
    double[] tuned = {1, 1, 0, 2};

    assertThat(MeanDifference.of(base, tuned, new Random(9)))
        .isEqualTo(MeanDifference.of(base, tuned, new Random(9)));
  }

  @Test
  void equalTextsHaveNoEffect() {
    MeanDifference difference =
        MeanDifference.of(new double[] {.5}, new double[] {.5}, new Random(1));

    assertThat(difference).isEqualTo(new MeanDifference(1, .5, .5, 0, 0, 0, 0));
  }

  @Test
  void scoresMustComeInFinitePairs() {
    assertThatThrownBy(() -> MeanDifference.of(new double[1], new double[2], new Random(1)))
        .hasMessage("scores of base and tuned: 1, 2 (expected: as many of each, at least one)");
    assertThatThrownBy(
            () -> MeanDifference.of(new double[1], new double[] {Double.NaN}, new Random(1)))
        .hasMessage("scores of prompt 0: 0.0, NaN (expected: finite)");
  }
}

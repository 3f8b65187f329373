package plaudit.reward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class PreferenceLossReferenceTest {

  private static final float[] SCORES = {0, 1, 2, -1};

  @Test
  void theReferenceGivesTheGoldenNumbers() {
    assertThat(PreferenceLossReference.loss(SCORES, 2)).isCloseTo(.4401897, within(1e-7));
    assertThat(PreferenceLossReference.loss(SCORES, 0)).isCloseTo(2.4401897, within(1e-7));
    assertThat(PreferenceLossReference.loss(new float[][] {SCORES, SCORES}, new int[] {2, 0}))
        .isCloseTo(1.4401897, within(1e-7));
  }

  @Test
  void knowingNothingCostsTheLogOfTheNumberOfResponses() {
    assertThat(PreferenceLossReference.loss(new float[4], 3)).isCloseTo(Math.log(4), within(1e-9));
    assertThat(PreferenceLossReference.loss(new float[2], 1)).isCloseTo(Math.log(2), within(1e-9));
  }
}

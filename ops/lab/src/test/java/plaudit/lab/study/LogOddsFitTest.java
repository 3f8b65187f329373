package plaudit.lab.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;
import plaudit.reward.RewardScale;

class LogOddsFitTest {

  @Test
  void theOddsThatMadeTheLabelsAreFound() {
    Random random = new Random(1);
    float[] raw = new float[20_000];
    boolean[] positive = new boolean[raw.length];
    for (int i = 0; i < raw.length; i++) {
      raw[i] = (float) (3 * random.nextGaussian() + 1);
      positive[i] = random.nextDouble() < 1 / (1 + Math.exp(-(.7 * raw[i] - .4)));
    }

    RewardScale scale = LogOddsFit.of(raw, positive);

    assertThat(scale.gain()).isCloseTo(.7, within(.03));
    assertThat(scale.bias()).isCloseTo(-.4, within(.06));
  }

  @Test
  void kindsThatAreToldApartWithoutAnErrorGiveFiniteOdds() {
    RewardScale scale =
        LogOddsFit.of(new float[] {-2, -1, 1, 2}, new boolean[] {false, false, true, true});

    assertThat(scale.gain()).isBetween(1., 100.);
    assertThat(scale.apply(1.5)).isPositive();
    assertThat(scale.apply(-1.5)).isNegative();
  }

  @Test
  void scoresThatSayNothingGiveEvenOdds() {
    RewardScale scale =
        LogOddsFit.of(new float[] {1, 1, 2, 2}, new boolean[] {true, false, true, false});

    assertThat(scale.apply(1)).isCloseTo(0, within(1e-6));
    assertThat(scale.apply(2)).isCloseTo(0, within(1e-6));
  }
}

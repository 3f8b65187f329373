package plaudit.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import plaudit.optim.AdamSettings;

class AdamReferenceTest {

  private static final double[] GRADIENTS = {1e-2, -1e-4, 1e-6};

  @Test
  void theReferenceGivesTheGoldenSteps() {
    AdamReference adam = new AdamReference(AdamSettings.of(.9, .999, 1e-5), 3);

    double[] first = adam.step(GRADIENTS, 1e-5);
    double[] second = adam.step(GRADIENTS, 1e-5);
    double[] third = adam.step(GRADIENTS, 1e-5);

    assertRelative(first, -9.6935e-6, 2.4025e-6, -3.1523e-8);
    double[] sum = new double[3];
    for (int i = 0; i < 3; i++) {
      sum[i] = first[i] + second[i] + third[i];
    }
    assertRelative(sum, -2.92953e-5, 9.02992e-6, -1.30481e-7);
  }

  @Test
  void impossibleConstantsAreNamed() {
    assertThatThrownBy(() -> AdamSettings.of(1, .999, 1e-5))
        .hasMessage(
            "beta1, beta2, epsilon: 1.0, 0.999, 1.0E-5 (expected: 0 <= beta < 1, epsilon > 0)");
  }

  private static void assertRelative(double[] actual, double... expected) {
    for (int i = 0; i < expected.length; i++) {
      assertThat(actual[i]).isCloseTo(expected[i], within(Math.abs(expected[i]) * 1e-4));
    }
  }
}

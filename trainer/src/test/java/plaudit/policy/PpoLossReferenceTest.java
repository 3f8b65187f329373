package plaudit.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class PpoLossReferenceTest {

  private static final PpoLossReference.Old OLD =
      new PpoLossReference.Old(
          new float[] {-1, -2, -.5f},
          new float[] {.5f, 0, -.3f},
          new float[] {1, -1, .5f},
          new float[] {1, .5f, -1});

  @Test
  void theReferenceGivesTheGoldenNumbers() {
    float[] logprobs = {-.9f, -2.5f, -.2f};

    PpoLossReference.Loss loss =
        PpoLossReference.loss(OLD, logprobs, new float[] {.9f, -.1f, .2f}, .2, .2, .1);

    assertThat(PpoLossReference.ratios(OLD.logprobs(), logprobs))
        .containsExactly(new double[] {1.10517, .60653, 1.34986}, within(1e-5));
    assertThat(loss.policyLoss()).isCloseTo(-.301724, within(1e-6));
    assertThat(loss.clipFraction()).isCloseTo(2 / 3d, within(1e-9));
    assertThat(loss.approxKl()).isCloseTo(.0583333, within(1e-6));
    assertThat(loss.valueLoss()).isCloseTo(.315, within(1e-6));
    assertThat(loss.valueClipFraction()).isCloseTo(1 / 3d, within(1e-9));
    assertThat(loss.total()).isCloseTo(-.301724 + .0315, within(1e-6));
  }

  @Test
  void anUnchangedPolicyHasRatioOneAndNothingClipped() {
    PpoLossReference.Loss loss =
        PpoLossReference.loss(OLD, OLD.logprobs(), OLD.values(), .2, .2, .1);

    assertThat(loss.clipFraction()).isZero();
    assertThat(loss.approxKl()).isZero();
    assertThat(loss.policyLoss()).isCloseTo(-.5 / 3, within(1e-9));
  }
}

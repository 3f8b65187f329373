package plaudit.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KlControllerTest {

  private static final KlController ADAPTIVE = new KlController.Adaptive(.15, 6, 10_000);

  @ParameterizedTest
  @CsvSource({"0, .148464", "3, .148464", "6, .15", "6.6, .150768", "9, .151536"})
  void betaMovesAsInTheRelease(double kl, double beta) {
    assertThat(ADAPTIVE.after(kl, 512).beta()).isCloseTo(beta, within(1e-9));
  }

  @Test
  void aFixedPriceStays() {
    assertThat(new KlController.Fixed(.03).after(99, 512).beta()).isEqualTo(.03);
  }

  @Test
  void aCheckpointedPriceIsTakenUp() {
    assertThat(ADAPTIVE.at(.25)).isEqualTo(new KlController.Adaptive(.25, 6, 10_000));
    assertThat(new KlController.Fixed(.03).at(.05)).isEqualTo(new KlController.Fixed(.05));
  }

  @Test
  void badNumbersAreNamed() {
    assertThatThrownBy(() -> ADAPTIVE.after(Double.NaN, 512))
        .hasMessage("kl: NaN (expected: finite)");
    assertThatThrownBy(() -> new KlController.Fixed(-.1)).hasMessage("beta: -0.1 (expected: >= 0)");
    assertThatThrownBy(() -> new KlController.Adaptive(.1, 0, 1))
        .hasMessage("target, horizon: 0.0, 1.0 (expected: > 0)");
  }

  @Property
  void divergenceAboveTheTargetMakesItDearer(@ForAll @DoubleRange(min = -5, max = 50) double kl) {
    double beta = ADAPTIVE.after(kl, 512).beta();

    assertThat(Math.signum(beta - .15)).isEqualTo(Math.signum(kl - 6));
  }

  /** A policy whose divergence answers the price with a delay settles at the target. */
  @Test
  void aSluggishPolicySettlesAtTheTarget() {
    KlController controller = ADAPTIVE;
    double kl = 0;
    for (int update = 0; update < 2_000; update++) {
      controller = controller.after(kl, 512);
      kl += .05 * (1 / controller.beta() - kl);
    }

    assertThat(kl).isCloseTo(6, within(.3));
  }
}

package plaudit.eval.verdict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import plaudit.eval.measure.Estimate;

class OverSeedsTest {

  @Test
  void theIntervalIsStudents() {
    Estimate three = OverSeeds.mean(new double[] {1, 2, 3});
    assertThat(three.mean()).isEqualTo(2);
    assertThat(three.high() - 2).isCloseTo(4.303 / Math.sqrt(3), within(1e-3));
    assertThat(three.low() - 2).isCloseTo(-4.303 / Math.sqrt(3), within(1e-3));
  }

  @Test
  void oneSeedHasNoInterval() {
    assertThatThrownBy(() -> OverSeeds.mean(new double[] {1})).hasMessageContaining(">= 2");
  }
}

package plaudit.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class AgreementTest {

  @Test
  void theModelAgreesWhereItsHighestScoreIsThePersonsChoice() {
    Agreement agreement =
        Agreement.NONE.and(new float[] {0, 3, 1}, 1).and(new float[] {0, 3, 1}, 2);

    assertThat(agreement).isEqualTo(new Agreement(1, 2));
    assertThat(agreement.plus(new Agreement(3, 4))).isEqualTo(new Agreement(4, 6));
    assertThat(agreement.accuracy()).isEqualTo(Wilson.of(1, 2));
  }

  @Test
  void ofEqualScoresTheFirstIsTheChoice() {
    assertThat(Agreement.NONE.and(new float[] {1, 1}, 0).agreed()).isEqualTo(1);
    assertThat(Agreement.NONE.and(new float[] {1, 1}, 1).agreed()).isZero();
  }

  @Test
  void impossibleCountsAreRefused() {
    assertThatThrownBy(() -> new Agreement(2, 1))
        .hasMessage("agreed, judged: 2, 1 (expected: 0 <= agreed <= judged)");
  }
}

package plaudit.eval.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import plaudit.stats.Wilson;

class WinRateTest {

  @Test
  void eachPromptIsWonLostOrTied() {
    WinRate rate = WinRate.of(new double[] {0, 0, 0, 0}, new double[] {1, .01, -.01, -1}, .05);

    assertThat(rate).isEqualTo(new WinRate(1, 2, 1));
    assertThat(rate.prompts()).isEqualTo(4);
  }

  @Test
  void aTieIsHalfAWin() {
    assertThat(new WinRate(6, 2, 2).rate()).isEqualTo(Wilson.of(7, 10));
  }

  @Test
  void badCountsAreNamed() {
    assertThatThrownBy(() -> new WinRate(-1, 0, 0))
        .hasMessage("wins, ties, losses: -1, 0, 0 (expected: >= 0)");
    assertThatThrownBy(() -> WinRate.of(new double[0], new double[0], 0))
        .hasMessage("scores of base and tuned: 0, 0 (expected: as many of each, at least one)");
  }
}

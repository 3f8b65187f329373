package plaudit.eval.frontier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class FrontierReportTest {

  @Test
  void promptsAreAveraged() {
    double[][] rewards = {{0, Math.log(3)}, {1, 1}};

    FrontierReport report = FrontierReport.of(rewards, new double[] {1}, 1);

    assertThat(report.bestOfN().get(1).reward().mean())
        .isCloseTo((Math.log(3) + 1) / 2, within(1e-12));
    // The second prompt has nothing to gain: no divergence, reward 1.
    assertThat(report.optimum().get(0).kl())
        .isCloseTo((.75 * Math.log(3) - Math.log(2)) / 2, within(1e-12));
    assertThat(report.optimum().get(0).reward().mean())
        .isCloseTo((.75 * Math.log(3) + 1) / 2, within(1e-12));
    assertThat(report.optimum().get(0).trustworthy()).as("two samples").isFalse();
  }

  @Test
  void everyPromptNeedsAsManySamples() {
    assertThatThrownBy(() -> FrontierReport.of(new double[][] {{1, 2}, {1}}, new double[] {1}, 1))
        .hasMessage("draws: 2 and 1 (expected: as many for each prompt)");
  }
}

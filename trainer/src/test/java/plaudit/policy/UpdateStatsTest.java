package plaudit.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import org.junit.jupiter.api.Test;

class UpdateStatsTest {

  @Test
  void valuesThatAreTheReturnsExplainAllOfTheirVariance() {
    float[][] returns = {{1, 3}, {2}};
    Map<String, Double> numbers = of(returns, returns);
    assertThat(numbers)
        .containsEntry("returns/mean", 2.0)
        .containsEntry("value/mean", 2.0)
        .containsEntry("value/error", 0.0)
        .containsEntry("value/explained_variance", 1.0);
    assertThat(numbers.get("returns/variance")).isCloseTo(2 / 3d, within(1e-9));
    assertThat(numbers.get("value/variance")).isCloseTo(2 / 3d, within(1e-9));
  }

  @Test
  void valuesThatAreTheMeanExplainNothingAndWorseOnesLess() {
    float[][] returns = {{1, 3}};
    assertThat(of(new float[][] {{2, 2}}, returns)).containsEntry("value/explained_variance", 0.0);
    assertThat(of(new float[][] {{3, 1}}, returns))
        .containsEntry("value/error", 4.0)
        .containsEntry("value/explained_variance", -3.0);
  }

  @Test
  void nothingIsExplainedOfReturnsThatAreAllTheSame() {
    assertThat(of(new float[][] {{0, 1}}, new float[][] {{1, 1}}))
        .containsEntry("value/error", .5)
        .doesNotContainKey("value/explained_variance");
  }

  private static Map<String, Double> of(float[][] values, float[][] returns) {
    UpdateStats stats = new UpdateStats();
    stats.values(values, returns);
    return stats.numbers();
  }
}

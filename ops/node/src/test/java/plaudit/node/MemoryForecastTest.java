package plaudit.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.typesafe.config.Config;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import plaudit.input.InvalidInputException;
import plaudit.model.ModelConfig;
import plaudit.node.config.Role;
import plaudit.node.config.RunConfig;

class MemoryForecastTest {

  private static final double GIB = 1 << 30;
  private static final ModelConfig SMALL = ModelConfig.gpt2(12, 12, 768, 1024, 50_257);
  private static final ModelConfig LARGE = ModelConfig.gpt2(36, 20, 1280, 1024, 50_257);

  @Test
  void aLearnerHoldsWeightsGradientsAndTwoMoments() {
    MemoryForecast forecast =
        MemoryForecast.of(config("reward.source=rule", "reward.rule.length=9"), SMALL, LEARNER);
    double weights = 4 * 124_439_808.0;
    assertThat(of(forecast, "policy learner: weights")).isCloseTo(weights, within(1e6));
    assertThat(of(forecast, "policy learner: gradients and moments"))
        .isCloseTo(3 * weights, within(1e6));
    assertThat(forecast.parts()).noneMatch(part -> part.what().startsWith("reward learner"));
  }

  private static final Set<Role> LEARNER = Set.of(Role.LEARNER);

  @Test
  void adaptersAndSmallerPassesNeedLess() {
    double all = bytes(LARGE, "policy.batch=64");
    assertThat(bytes(LARGE, "policy.batch=64", "policy.lora.rank=8")).isLessThan(all - 8 * GIB);
    assertThat(bytes(LARGE, "policy.batch=64", "learner.policy.tokens-per-micro-batch=200"))
        .isLessThan(all - 2 * GIB);
    assertThat(bytes(SMALL, "policy.batch=64")).isLessThan(all / 3);
  }

  @Test
  void whatCannotFitIsRefusedWithTheNumbers() {
    MemoryForecast forecast = MemoryForecast.of(config(), LARGE, Role.all());
    assertThatCode(() -> forecast.require(forecast.bytes())).doesNotThrowAnyException();
    assertThatThrownBy(() -> forecast.require(8 * GIB))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("memory: " + MemoryForecast.gib(forecast.bytes()) + " needed (")
        .hasMessageContaining("8.00 GiB that are here");
  }

  private static double bytes(ModelConfig model, String... settings) {
    return MemoryForecast.of(config(settings), model, Role.all()).bytes();
  }

  private static double of(MemoryForecast forecast, String what) {
    return forecast.parts().stream()
        .filter(part -> part.what().equals(what))
        .findFirst()
        .orElseThrow()
        .bytes();
  }

  private static Config config(String... settings) {
    return RunConfig.load("quickstart", List.of(settings)).config();
  }
}

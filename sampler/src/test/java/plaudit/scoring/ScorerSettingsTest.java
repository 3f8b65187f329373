package plaudit.scoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import plaudit.input.InvalidInputException;
import plaudit.model.Compute;
import plaudit.model.Precision;

class ScorerSettingsTest {

  private static final Config DEFAULTS = ConfigFactory.defaultReference();

  @Test
  void theDefaultsAskForTheBestOfFour() {
    assertThat(ScorerSettings.from(DEFAULTS))
        .isEqualTo(
            new ScorerSettings(Compute.cpu(1).with(Precision.AUTO), 64, 4, Duration.ofSeconds(5)));
  }

  @Test
  void whatCannotWorkIsRefusedByName() {
    assertThatThrownBy(() -> ScorerSettings.from(with("queue = 0")))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage("plaudit.scorer.queue: 0 (expected: >= 1)");
    assertThatThrownBy(() -> ScorerSettings.from(with("choices = 1")))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage("plaudit.scorer.choices: 1 (expected: >= 2)");
  }

  private static Config with(String line) {
    return ConfigFactory.parseString("plaudit.scorer." + line).withFallback(DEFAULTS);
  }
}

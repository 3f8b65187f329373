package plaudit.experience;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import plaudit.input.InvalidInputException;

class ExperienceSettingsTest {

  private static final Config REFERENCE = ConfigFactory.defaultReference();

  @Test
  void theDefaultsAreThese() {
    assertThat(ExperienceSettings.from(REFERENCE))
        .isEqualTo(
            new ExperienceSettings(512, 1, 4, 16, 4, 4, Duration.ofMinutes(5), 0, Start.FRESH));
  }

  @Test
  void aResumedRunStartsAtItsVersion() {
    ExperienceSettings settings = ExperienceSettings.from(REFERENCE).startingAt(Start.at(7));
    assertThat(settings.start().version()).isEqualTo(7);
    assertThat(settings.startingAt(Start.FRESH)).isEqualTo(ExperienceSettings.from(REFERENCE));
  }

  @Test
  void aBoundBelowEtaIsRefused() {
    Config config =
        ConfigFactory.parseString("plaudit.experience { eta = 3, max-staleness = 2 }")
            .withFallback(REFERENCE);
    assertThatThrownBy(() -> ExperienceSettings.from(config))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage("plaudit.experience.max-staleness: 2 (expected: >= 3)");
  }

  @Test
  void howTheBoundIsHeldIsReadByName() {
    assertThat(ExperienceSettings.from(with("on-stale = wait")).onStale()).isEqualTo(OnStale.WAIT);
    assertThatThrownBy(() -> ExperienceSettings.from(with("on-stale = keep")))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage("plaudit.experience.on-stale: keep (expected: drop or wait)");
  }

  private static Config with(String setting) {
    return ConfigFactory.parseString("plaudit.experience { " + setting + " }")
        .withFallback(REFERENCE);
  }
}

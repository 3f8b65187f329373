package plaudit.reward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import plaudit.input.InvalidInputException;
import plaudit.optim.AdamSettings;
import plaudit.optim.Schedule;
import plaudit.reward.LabelSchedule.CollectionMode;

class RewardSettingsTest {

  private static final Config DEFAULTS = ConfigFactory.defaultReference();

  @Test
  void theDefaultsAreThoseOfThePaper() {
    assertThat(RewardSettings.from(DEFAULTS))
        .isEqualTo(
            new RewardSettings(
                8,
                1,
                1,
                RewardLoss.BEST_OF_N,
                0,
                1.77e-5,
                Schedule.Shape.LINEAR,
                AdamSettings.of(.9, .999, 1e-5),
                256,
                true,
                .05,
                .05,
                new RewardSettings.Labels(
                    1_000, 5_000, 1_000, 19, 20, CollectionMode.CONTINUOUS, false, 0)));
  }

  @Test
  void theLoopsOwnPartsAreMadeFromThem() {
    RewardSettings settings = RewardSettings.from(DEFAULTS);

    assertThat(settings.labelSchedule(1_000_000, 512))
        .isEqualTo(
            new LabelSchedule(
                1_000_000,
                512,
                1_000,
                5_000,
                1_000,
                19,
                20,
                .05,
                CollectionMode.CONTINUOUS,
                false));
    assertThat(settings.schedule(4_992).at(2_496)).isEqualTo(1.77e-5 / 2);
    assertThat(settings.split()).isEqualTo(new LabelSplit(.05));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          batch               | 0     | 0 (expected: >= 1)
          epochs              | 0     | 0 (expected: >= 1)
          learning-rate       | "NaN" | NaN (expected: > 0)
          schedule            | cubic | cubic (expected: linear, cosine or constant)
          adam.beta1          | 1     | 1.0 (expected: >= 0 and < 1)
          adam.beta2          | 2     | 2.0 (expected: >= 0 and < 1)
          adam.epsilon        | -1    | -1.0 (expected: > 0)
          normalise.samples   | 1     | 1 (expected: >= 2)
          held-out-share      | 1     | 1.0 (expected: >= 0 and < 1)
          validation-share    | 1.5   | 1.5 (expected: >= 0 and <= 1)
          labels.before-start | 0     | 0 (expected: >= 1)
          labels.total        | 999   | 999 (expected: >= before-start of 1000)
          labels.outstanding  | 0     | 0 (expected: >= 1)
          labels.retrainings  | -1    | -1 (expected: >= 0)
          labels.divisions    | 18    | 18 (expected: >= 1 and >= retrainings of 19)
          """)
  void aBadNumberIsNamedWithWhatWasExpected(String key, String value, String message) {
    assertThatThrownBy(() -> RewardSettings.from(with(key, value)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage("plaudit.reward." + key + ": " + message);
  }

  @ParameterizedTest
  @CsvSource({"normalise.before, perhaps", "batch, many", "labels.total, null"})
  void aValueOfTheWrongKindIsNamed(String key, String value) {
    assertThatThrownBy(() -> RewardSettings.from(with(key, value)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining(key);
  }

  private static Config with(String key, String value) {
    return ConfigFactory.parseString("plaudit.reward." + key + " = " + value)
        .withFallback(DEFAULTS);
  }
}

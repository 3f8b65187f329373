package plaudit.policy;

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

class PolicySettingsTest {

  private static final Config DEFAULTS = ConfigFactory.defaultReference();

  @Test
  void theDefaultsAreThoseOfThePaperAndItsRelease() {
    assertThat(PolicySettings.from(DEFAULTS))
        .isEqualTo(
            new PolicySettings(
                512,
                1,
                4,
                1954,
                50,
                1e-5,
                Schedule.Shape.LINEAR,
                0,
                AdamSettings.of(.9, .999, 1e-5),
                1,
                .95,
                .2,
                .2,
                .1,
                true,
                new PolicySettings.Kl(true, .15, 6, 10_000),
                new Tripwires.Limits(-1, 40, .2, 10, 5, .4),
                AlgorithmSettings.PAPER));
  }

  @Test
  void theLoopsOwnPartsAreMadeFromThem() {
    PolicySettings settings = PolicySettings.from(DEFAULTS);

    assertThat(settings.episodes()).isEqualTo(1_000_448);
    assertThat(settings.schedule()).isEqualTo(new Schedule(Schedule.Shape.LINEAR, 1e-5, 0, 1954));
    assertThat(settings.klController()).isEqualTo(new KlController.Adaptive(.15, 6, 10_000));
    assertThat(PolicySettings.from(with("kl.adaptive", "off")).klController())
        .isEqualTo(new KlController.Fixed(.15));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          batch                    | 0      | 0 (expected: >= 1)
          minibatches              | 3      | 3 (expected: a divisor of the batch of 512)
          epochs                   | 0      | 0 (expected: >= 1)
          updates                  | 0      | 0 (expected: >= 1)
          checkpoint-every         | 0      | 0 (expected: >= 1)
          learning-rate            | 0      | 0.0 (expected: > 0)
          schedule                 | cubic  | cubic (expected: linear, cosine or constant)
          warm-up                  | 1954   | 1954 (expected: >= 0 and < 1954 updates)
          adam.beta1               | 1      | 1.0 (expected: >= 0 and < 1)
          adam.beta2               | -0.1   | -0.1 (expected: >= 0 and < 1)
          adam.epsilon             | 0      | 0.0 (expected: > 0)
          gamma                    | 1.1    | 1.1 (expected: > 0 and <= 1)
          lambda                   | "NaN"  | NaN (expected: >= 0 and <= 1)
          clip-ratio               | 1      | 1.0 (expected: > 0 and < 1)
          clip-value               | 0      | 0.0 (expected: > 0)
          value-coefficient        | -1     | -1.0 (expected: >= 0)
          kl.beta                  | -1     | -1.0 (expected: >= 0)
          kl.target                | 0      | 0.0 (expected: > 0)
          kl.horizon               | 0      | 0.0 (expected: > 0)
          kl.horizon               | 100    | 100.0 (expected: more than a fifth of the batch of 512)
          tripwires.min-kl         | 0      | 0.0 (expected: < 0 nats a sequence)
          tripwires.max-kl         | 0      | 0.0 (expected: > 0 nats a sequence)
          tripwires.entropy-share  | 1      | 1.0 (expected: >= 0 and < 1)
          tripwires.entropy-updates| 0      | 0 (expected: >= 1)
          tripwires.window         | 0      | 0 (expected: >= 1)
          tripwires.min-win-rate   | 1      | 1.0 (expected: >= 0 and < 1)
          algorithm                | sarsa  | sarsa (expected: ppo, rloo, grpo, online-dpo)
          group                    | 0      | 0 (expected: >= 1)
          group                    | 3      | 3 (expected: a divisor of the minibatch of 512)
          value-network            | none   | none (expected: shared or separate)
          online-dpo.labels        | firm   | firm (expected: hard or soft)
          lora.rank                | -1     | -1 (expected: >= 0)
          lora.alpha               | 0      | 0.0 (expected: > 0)
          """)
  void aBadNumberIsNamedWithWhatWasExpected(String key, String value, String message) {
    assertThatThrownBy(() -> PolicySettings.from(with(key, value)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage("plaudit.policy." + key + ": " + message);
  }

  @Test
  void anAlgorithmThatComparesResponsesNeedsSeveralAndLearnsNoValues() {
    assertThatThrownBy(() -> Toy.settings("algorithm = rloo"))
        .hasMessage("plaudit.policy.group: 1 (expected: >= 2 responses a prompt for rloo)");
    assertThatThrownBy(
            () -> Toy.settings("algorithm = grpo", "group = 4", "value-network = separate"))
        .hasMessage(
            "plaudit.policy.value-network: separate (expected: shared: grpo learns no values)");
  }

  @ParameterizedTest
  @CsvSource({"whiten-rewards, 7", "kl.adaptive, perhaps", "batch, many", "epochs, null"})
  void aValueOfTheWrongKindIsNamed(String key, String value) {
    assertThatThrownBy(() -> PolicySettings.from(with(key, value)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining(key);
  }

  private static Config with(String key, String value) {
    return ConfigFactory.parseString("plaudit.policy." + key + " = " + value)
        .withFallback(DEFAULTS);
  }
}

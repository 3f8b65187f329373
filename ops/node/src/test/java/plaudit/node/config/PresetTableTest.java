package plaudit.node.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import plaudit.policy.PolicySettings;
import plaudit.reward.RewardSettings;

/**
 * Every number of the presets against the tables of hyper-parameters: those of the code released
 * with the paper, and those the paper states. A test is named for the row. {@code ~} is a line
 * break, {@code -} an empty text.
 */
class PresetTableTest {

  // The tasks

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        // row                | sentiment | descriptiveness | tldr | cnndm
        "query-length         | 64  | 64  | 500        | 500",
        "prefix               | -   | -   | -          | Article:~~",
        "suffix               | -   | -   | ~~TL;DR:   | ~~TL;DR:",
        "start-text           | .   | .   | -          | -",
        "end-text             | .   | .   | -          | ~",
        "query-min-length     | 1   | 1   | 1          | 1",
        "response-length      | 24  | 24  | 75         | 75",
        "truncate-token       | .   | .   | ~          | ~",
        "truncate-after       | 16  | 16  | 55         | 55",
        "penalty              | -1  | -1  | -1         | -1",
        "temperature          | 0.7 | 0.7 | 0.7        | 0.5",
      })
  void theReleasesTask(
      String row, String sentiment, String descriptiveness, String tldr, String cnndm) {
    check("plaudit.task." + row, "", sentiment, descriptiveness, tldr, cnndm);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "query-length         | 64  | 64  | 500        | 500",
        "prefix               | -   | -   | -          | Article:~~",
        "suffix               | -   | -   | ~~TL;DR:   | ~~TL;DR:",
        "start-text           | .   | .   | -          | -",
        "end-text             | .   | .   | ~          | ~",
        "query-min-length     | 32  | 32  | 1          | 1",
        "response-length      | 24  | 24  | 75         | 75",
        "truncate-token       | .   | .   | ~          | ~",
        "truncate-after       | 16  | 16  | 55         | 55",
        "penalty              | -1  | -1  | -1         | -1",
        "temperature          | 0.7 | 0.7 | 0.7        | 0.5",
      })
  void thePapersTask(
      String row, String sentiment, String descriptiveness, String tldr, String cnndm) {
    check("plaudit.task." + row, "-paper", sentiment, descriptiveness, tldr, cnndm);
  }

  // The reward model

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "batch                | 32     | 32     | 16     | 16",
        "learning-rate        | 5e-5   | 5e-5   | 2.5e-5 | 2.5e-5",
        "schedule             | linear | linear | linear | linear",
        "epochs               | 1      | 1      | 1      | 1",
        "normalise.before     | on     | on     | on     | on",
        "normalise.samples    | 512    | 512    | 256    | 256",
        "adam.beta1           | 0.9    | 0.9    | 0.9    | 0.9",
        "adam.beta2           | 0.999  | 0.999  | 0.999  | 0.999",
        "adam.epsilon         | 1e-5   | 1e-5   | 1e-5   | 1e-5",
        "labels.retrainings   | 0      | 0      | 0      | 0",
      })
  void theReleasesRewardModel(
      String row, String sentiment, String descriptiveness, String tldr, String cnndm) {
    check("plaudit.reward." + row, "", sentiment, descriptiveness, tldr, cnndm);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "batch                | 8       | 8       | 32      | 32",
        "learning-rate        | 1.77e-5 | 1.77e-5 | 1.77e-5 | 1.77e-5",
        "epochs               | 1       | 1       | 1       | 1",
        "normalise.before     | on      | on      | on      | on",
        "labels.total         | 5000    | 5000    | 60000   | 60000",
        "labels.retrainings   | 0       | 0       | 19      | 19",
        "labels.outstanding   | 1000    | 1000    | 1000    | 1000",
      })
  void thePapersRewardModel(
      String row, String sentiment, String descriptiveness, String tldr, String cnndm) {
    check("plaudit.reward." + row, "-paper", sentiment, descriptiveness, tldr, cnndm);
  }

  @ParameterizedTest(name = "num_train of {0}")
  @CsvSource({"sentiment, 4992", "descriptiveness, 4992", "tldr, 46000", "cnndm, 46000"})
  void theReleasesLabelsToTrainOnRemainBesideTheHeldOutOnes(String preset, long expected) {
    RewardSettings reward = RewardSettings.from(config(preset));

    assertThat(reward.labels().beforeStart()).isEqualTo(reward.labels().total());
    assertThat(reward.split().exactly()).isEqualTo(Math.toIntExact(expected));
    assertThat(Math.round(reward.labels().total() * (1 - reward.heldOutShare())))
        .isEqualTo(expected);
  }

  // PPO

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "batch                | 512    | 512    | 32     | 32",
        "updates              | 1954   | 1954   | 31250  | 31250",
        "minibatches          | 1      | 1      | 1      | 1",
        "epochs               | 4      | 4      | 4      | 4",
        "learning-rate        | 1e-5   | 1e-5   | 2e-6   | 2e-6",
        "schedule             | linear | linear | linear | linear",
        "warm-up              | 0      | 0      | 0      | 0",
        "gamma                | 1      | 1      | 1      | 1",
        "lambda               | 0.95   | 0.95   | 0.95   | 0.95",
        "clip-ratio           | 0.2    | 0.2    | 0.2    | 0.2",
        "clip-value           | 0.2    | 0.2    | 0.2    | 0.2",
        "value-coefficient    | 0.1    | 0.1    | 0.1    | 0.1",
        "whiten-rewards       | on     | on     | off    | off",
        "kl.adaptive          | on     | on     | off    | off",
        "kl.beta              | 0.15   | 0.15   | 0.03   | 0.01",
        "adam.beta1           | 0.9    | 0.9    | 0.9    | 0.9",
        "adam.beta2           | 0.999  | 0.999  | 0.999  | 0.999",
        "adam.epsilon         | 1e-5   | 1e-5   | 1e-5   | 1e-5",
        "checkpoint-every     | 50     | 50     | 50     | 50",
      })
  void theReleasesPpo(
      String row, String sentiment, String descriptiveness, String tldr, String cnndm) {
    check("plaudit.policy." + row, "", sentiment, descriptiveness, tldr, cnndm);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "batch                | 1024    | 1024    | 512     | 512",
        "updates              | 1954    | 1954    | 3907    | 3907",
        "minibatches          | 1       | 1       | 1       | 1",
        "epochs               | 4       | 4       | 4       | 4",
        "learning-rate        | 1.41e-5 | 1.41e-5 | 7.07e-6 | 7.07e-6",
        "schedule             | linear  | linear  | linear  | linear",
        "gamma                | 1       | 1       | 1       | 1",
        "clip-ratio           | 0.2     | 0.2     | 0.2     | 0.2",
        "kl.adaptive          | on      | on      | off     | off",
      })
  void thePapersPpo(
      String row, String sentiment, String descriptiveness, String tldr, String cnndm) {
    check("plaudit.policy." + row, "-paper", sentiment, descriptiveness, tldr, cnndm);
  }

  @ParameterizedTest(name = "KL of {0}")
  @CsvSource({
    "sentiment, on, 6, 10000",
    "descriptiveness, on, 6, 10000",
    "sentiment-paper, on, 10, 10000",
    "descriptiveness-paper, on, 6, 10000",
    "mock-sentiment, on, 8, 10000",
  })
  void styleIsSteeredToATarget(String preset, String adaptive, double target, double horizon) {
    Config config = config(preset);

    assertThat(config.getString("plaudit.policy.kl.adaptive")).isEqualTo(adaptive);
    assertThat(config.getDouble("plaudit.policy.kl.target")).isEqualTo(target);
    assertThat(config.getDouble("plaudit.policy.kl.horizon")).isEqualTo(horizon);
  }

  @ParameterizedTest(name = "beta of {0}")
  @CsvSource({"tldr, 0.03", "cnndm, 0.01", "tldr-paper, 0.03", "cnndm-paper, 0.1"})
  void summariesPayAFixedPrice(String preset, double beta) {
    PolicySettings ppo = PolicySettings.from(config(preset));

    assertThat(ppo.kl().adaptive()).isFalse();
    assertThat(ppo.kl().beta()).isEqualTo(beta);
  }

  @ParameterizedTest(name = "total_episodes of {0}")
  @CsvSource({
    "sentiment, 1000000",
    "descriptiveness, 1000000",
    "tldr, 1000000",
    "cnndm, 1000000",
    "sentiment-paper, 2000000",
    "descriptiveness-paper, 2000000",
    "tldr-paper, 2000000",
    "cnndm-paper, 2000000",
    "mock-sentiment, 2000000",
  })
  void theUpdatesAreEnoughForTheEpisodesAndNotOneMore(String preset, long episodes) {
    PolicySettings ppo = PolicySettings.from(config(preset));

    assertThat(ppo.episodes()).isBetween(episodes, episodes + ppo.batch() - 1);
  }

  // The mock task and what all share

  @Test
  void theMockTaskIsThePapersSentimentTaskWithAProgramThatNeverErrs() {
    Config mock = config("mock-sentiment");
    Config paper = config("sentiment-paper");

    assertThat(mock.getConfig("plaudit.task")).isEqualTo(paper.getConfig("plaudit.task"));
    assertThat(mock.getInt("plaudit.reward.labels.total")).isEqualTo(20_000);
    assertThat(mock.getInt("plaudit.vendor.labelers")).isPositive();
    assertThat(mock.getDouble("plaudit.vendor.noise")).isZero();
  }

  @ParameterizedTest
  @CsvSource({"sentiment", "descriptiveness", "tldr", "cnndm", "sentiment-paper", "cnndm-paper"})
  void fourResponsesMakeAQuestion(String preset) {
    assertThat(config(preset).getInt("plaudit.experience.question-responses")).isEqualTo(4);
    assertThat(config(preset).getInt("plaudit.scorer.choices")).isEqualTo(4);
  }

  @ParameterizedTest
  @CsvSource({"sentiment", "tldr-paper", "mock-sentiment"})
  void textsAreShuffledWithTheReleasesSeed(String preset) {
    assertThat(config(preset).getLong("plaudit.run.shuffle-seed")).isZero();
    assertThat(config(preset).getInt("plaudit.run.max-held-out")).isEqualTo(1024);
  }

  /** Paper X6: what a response is, is said once, for policy and reward model alike. */
  @Test
  void policyAndRewardModelHaveOneTask() {
    Config all = config("tldr").getConfig("plaudit");
    Set<String> ofTheTask = all.getConfig("task").root().keySet();

    for (String part : List.of("policy", "reward", "sampler", "scorer", "learner")) {
      assertThat(all.getConfig(part).root().keySet())
          .as(part)
          .doesNotContainAnyElementsOf(ofTheTask);
    }
  }

  private static void check(
      String key,
      String variant,
      String sentiment,
      String descriptiveness,
      String tldr,
      String cnndm) {
    List<String> presets = List.of("sentiment", "descriptiveness", "tldr", "cnndm");
    List<String> expected = List.of(sentiment, descriptiveness, tldr, cnndm);
    for (int i = 0; i < presets.size(); i++) {
      String preset = presets.get(i) + variant;
      Object value = config(preset).getValue(key).unwrapped();
      Object wanted =
          value instanceof Number
              ? Double.valueOf(expected.get(i))
              : expected.get(i).equals("-") ? "" : expected.get(i).replace('~', '\n');
      value = value instanceof Number number ? number.doubleValue() : value;
      assertThat(value).as(key + " of " + preset).isEqualTo(wanted);
    }
  }

  private static Config config(String preset) {
    return RunConfig.load(preset, List.of()).config();
  }
}

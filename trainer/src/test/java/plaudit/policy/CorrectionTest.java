package plaudit.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import plaudit.experience.Rollout;
import plaudit.experience.Trajectory;
import plaudit.input.InvalidInputException;
import plaudit.model.TorchNet;
import plaudit.optim.Losses;
import plaudit.optim.Network;
import plaudit.tokens.Tokens;

/** What is done about responses of an older policy. */
class CorrectionTest {

  @TempDir private Path dir = Path.of("");

  @ParameterizedTest
  @CsvSource({
    "none,         3,   1",
    "truncated-is, 3,   2",
    "truncated-is, 1.5, 1.5",
    "decoupled,    3,   3",
    "decoupled,    6,   0",
    "v-trace,      3,   1",
    "v-trace,      0.4, 0.4"
  })
  void aWeightIsTheRatioUpToItsCap(String kind, double ratio, double weight) {
    Correction correction = Toy.settings("correction = " + kind).algorithm().correction();
    assertThat(correction.weight(ratio)).isEqualTo(weight);
    assertThat(correction.cuts(ratio)).isEqualTo(correction.on() && weight != ratio);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          correction = retrace          | correction: retrace (expected: none, truncated-is, decoupled, v-trace)
          correction-caps.is = 0.5      | correction-caps.is: 0.5 (expected: >= 1)
          correction-caps.decoupled = 0 | correction-caps.decoupled: 0.0 (expected: >= 1)
          correction-caps.rho = 0       | correction-caps.rho: 0.0 (expected: >= 1)
          correction-caps.c = 2         | correction-caps.c: 2.0 (expected: at most correction-caps.rho of 1.0)
          """)
  void aBadCapIsNamed(String line, String message) {
    assertThatThrownBy(() -> Toy.settings(line))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage("plaudit.policy." + message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          rloo       | v-trace      | none, truncated-is or decoupled
          grpo       | v-trace      | none, truncated-is or decoupled
          online-dpo | v-trace      | none
          online-dpo | decoupled    | none
          online-dpo | truncated-is | none
          """)
  void whatMakesNoSenseIsRefused(String algorithm, String correction, String expected) {
    assertThatThrownBy(
            () ->
                Toy.settings("group = 4", "algorithm = " + algorithm, "correction = " + correction))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(
            "plaudit.policy.correction: %s (expected: %s for %s)"
                .formatted(correction, expected, algorithm));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "correction = truncated-is",
        "correction = decoupled",
        "correction = v-trace",
        "correction = v-trace, value-network = separate",
        "algorithm = rloo, group = 4, correction = decoupled",
        "algorithm = grpo, group = 4, correction = truncated-is"
      })
  void onPolicyEachIsPlain(String method) {
    String plain = method.replaceAll("correction = [a-z-]+", "correction = none");
    List<float[]> before = Toy.numbers(Toy.random(4));
    List<float[]> expected = learnt(plain);
    List<float[]> actual = learnt(method);
    double moved = 0;
    for (int i = 0; i < expected.size(); i++) {
      assertThat(actual.get(i)).containsExactly(expected.get(i), within(1e-5f));
      for (int j = 0; j < before.get(i).length; j++) {
        moved = Math.max(moved, Math.abs(expected.get(i)[j] - before.get(i)[j]));
      }
    }
    assertThat(moved).isGreaterThan(1e-3);
  }

  /**
   * Weights after one update on what the policy itself has written. With so large an epsilon Adam
   * steps along the gradient; as it is, it blows up the last digit of those that are almost 0.
   */
  private List<float[]> learnt(String method) {
    List<String> lines = new ArrayList<>(List.of(method.split(", ")));
    lines.addAll(
        List.of(
            "batch = 32", "updates = 2", "epochs = 3", "learning-rate = 0.3", "adam.epsilon = 1"));
    try (ToyGame game =
        new ToyGame(
            Toy.settings(lines.toArray(String[]::new)),
            () -> Toy.random(4),
            Toy.TASK,
            List.of(Tokens.of(2, 1), Tokens.of(5)),
            kept -> kept.get(0) == 3 ? 1 : 0,
            dir)) {
      game.learn(game.batch(), OptionalDouble.empty());
      return Toy.numbers(game.trainer().nets().policy().weights());
    }
  }

  @Test
  void whatIsWatchedIsCountedFromBothLogProbabilities() {
    List<Trajectory> stale = Toy.batch(Toy.random(3), 0);
    float[][] own = own(stale);
    double sum = 0;
    double largest = 0;
    double cut = 0;
    double kl = 0;
    int tokens = 0;
    for (int i = 0; i < own.length; i++) {
      for (int t = 0; t < own[i].length; t++) {
        double d = (double) own[i][t] - stale.get(i).rollout().logprobs().get(t);
        sum += Math.min(Math.exp(d), 2);
        largest = Math.max(largest, Math.min(Math.exp(d), 2));
        cut += Math.exp(d) > 2 ? 1 : 0;
        kl += Math.exp(d) - 1 - d;
        tokens++;
      }
    }
    Map<String, Double> numbers = update(stale, "correction = truncated-is");
    assertThat(cut).isBetween(1., tokens - 1.);
    assertThat(numbers.get("correction/weight_mean")).isCloseTo(sum / tokens, within(1e-4));
    assertThat(numbers.get("correction/weight_max")).isCloseTo(largest, within(1e-4));
    assertThat(numbers.get("correction/clipfrac")).isCloseTo(cut / tokens, within(1e-9));
    assertThat(numbers.get("correction/behaviour_kl")).isCloseTo(kl / tokens, within(1e-4));
    // The first epoch's ratio is that of the update, not that of the staleness.
    assertThat(numbers.get("policy/ratio_max")).isCloseTo(1, within(1e-5));
    assertThat(numbers.get("policy/clipfrac")).isZero();
    assertThat(update(stale, "correction = none"))
        .doesNotContainKey("correction/weight_mean")
        .hasEntrySatisfying("policy/clipfrac", share -> assertThat(share).isPositive());
  }

  @Test
  void samplerAndLearnerAreStillCompared() {
    assertThat(update(Toy.batch(Toy.weights(), 0), "correction = decoupled"))
        .hasEntrySatisfying("policy/logprob_gap", gap -> assertThat(gap).isBetween(0., 1e-5));
    assertThat(update(Toy.batch(Toy.random(3), 0), "correction = decoupled"))
        .hasEntrySatisfying("policy/logprob_gap", gap -> assertThat(gap).isGreaterThan(.1));
  }

  /** The micro-batch of the pass forward is none of the result's business. */
  @Test
  void theMicroBatchDoesNotChangeTheUpdate() {
    List<Trajectory> stale = Toy.batch(Toy.random(3), 0);
    List<float[]> whole = weightsAfter(stale, 32);
    List<float[]> parts = weightsAfter(stale, 5);
    for (int i = 0; i < whole.size(); i++) {
      assertThat(parts.get(i)).containsExactly(whole.get(i), within(1e-5f));
    }
  }

  private static List<float[]> weightsAfter(List<Trajectory> batch, int microBatch) {
    PolicySettings settings = Toy.settings(2, 10, 1e-3, "correction = v-trace");
    try (PolicyNets nets = nets(settings)) {
      Toy.learn(settings, Toy.TASK, nets, Toy.optimizers(nets), microBatch, 0, batch);
      return Toy.numbers(nets.policy().weights());
    }
  }

  private static Map<String, Double> update(List<Trajectory> batch, String line) {
    PolicySettings settings = Toy.settings(1, 10, 1e-3, line);
    try (PolicyNets nets = nets(settings)) {
      return Toy.learn(settings, Toy.TASK, nets, Toy.optimizers(nets), 8, 0, batch).numbers();
    }
  }

  private static PolicyNets nets(PolicySettings settings) {
    Network policy = Network.of(Toy.CONFIG, Losses.POLICY, Toy.weights(), Toy.CPU);
    assertThat(settings.algorithm().separateValue()).isFalse();
    return new PolicyNets(policy, Optional.empty());
  }

  private static float[][] own(List<Trajectory> batch) {
    List<Rollout> rollouts = batch.stream().map(Trajectory::rollout).toList();
    try (TorchNet net = TorchNet.of(Toy.CONFIG, Toy.weights(), Toy.CPU)) {
      return net.score(
              rollouts.stream().map(Rollout::query).toList(),
              rollouts.stream().map(Rollout::response).toList(),
              Toy.TASK.temperature())
          .logprobs();
    }
  }
}

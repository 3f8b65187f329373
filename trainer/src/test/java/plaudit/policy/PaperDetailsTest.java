package plaudit.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import com.typesafe.config.ConfigFactory;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plaudit.experience.Rollout;
import plaudit.experience.Trajectory;
import plaudit.input.InvalidInputException;
import plaudit.model.Safetensors;
import plaudit.model.ScalarHead;
import plaudit.model.TokenBatch;
import plaudit.model.TorchNet;
import plaudit.optim.Adam;
import plaudit.optim.Losses;
import plaudit.optim.MicroBatch;
import plaudit.optim.Network;
import plaudit.policy.MinibatchTargets.AdvantageTargets;
import plaudit.policy.Objective.Ppo;
import plaudit.sampling.Randomness;
import plaudit.task.Task;
import plaudit.task.TruncationRule;
import plaudit.tokens.Tokens;

/**
 * The implementation details of the paper that are the policy's, one test each, by the names of the
 * table in {@code docs/algorithm.md}, against the code that runs.
 */
class PaperDetailsTest {

  private static final List<Tokens> QUERIES = List.of(Tokens.of(2, 1), Tokens.of(0, 5, 9));

  @TempDir private Path dir = Path.of("");

  @Test
  void g1ValuesAndRewardsReadTheQueryWithTheResponse() {
    try (TorchNet net = TorchNet.of(Toy.CONFIG, Toy.random(3), Toy.CPU)) {
      List<Tokens> responses = List.of(Tokens.of(4, 6), Tokens.of(4, 6));
      float[][] values = net.score(QUERIES, responses, 0.7f).values();
      assertThat(values[0][0]).isNotCloseTo(values[1][0], within(1e-2f));
      float[] rewards =
          net.reward(QUERIES.stream().map(q -> Toy.TASK.judged(q, Tokens.of(4, 6))).toList());
      assertThat(rewards[0]).isNotCloseTo(rewards[1], within(1e-2f));
    }
  }

  @Test
  void g2PaddingIsNoTokenOfTheVocabulary() {
    List<Rollout> rollouts =
        List.of(
            Toy.rollout(Tokens.of(1), Tokens.of(0, 10, 0)),
            Toy.rollout(Tokens.of(3, 4), Tokens.of(0)));
    try (Network net = net();
        NDManager scope = net.scope()) {
      long pad = TokenBatch.PAD;
      assertThat(new RolloutTensors(scope, Toy.TASK, rollouts).ids().toLongArray())
          .containsExactly(pad, 1, 0, 10, 0, 3, 4, 0, pad, pad);
      assertThat(pad).isNegative();
    }
  }

  /** Every sequence alone, without padding, or all in one padded rectangle: the same update. */
  @Test
  void g3AndP7PaddingAndMicroBatchesDoNotChangeTheUpdate() {
    Task stopping = stopping();
    List<Trajectory> ragged;
    try (ToyGame game = game(stopping)) {
      ragged = game.batch();
    }
    assertThat(ragged).extracting(t -> t.rollout().response().length()).contains(1, 8);
    for (String method :
        List.of(
            "algorithm = ppo",
            "value-network = separate",
            "algorithm = rloo\ngroup = 2",
            "algorithm = online-dpo\ngroup = 2\nonline-dpo.labels = soft")) {
      PolicySettings settings =
          Toy.settings(method, "batch = 32", "epochs = 2", "learning-rate = 1e-4");
      List<float[]> alone = after(settings, stopping, ragged, 1);
      List<float[]> together = after(settings, stopping, ragged, 64);
      for (int i = 0; i < alone.size(); i++) {
        assertThat(together.get(i)).as(method).containsExactly(alone.get(i), within(1e-6f));
      }
    }
  }

  @Test
  void g4ResponsesHaveExactlyTTokensFromTheWholeDistribution() {
    try (ToyGame game = game(Toy.TASK)) {
      List<Trajectory> batch = game.batch();
      assertThat(batch).allSatisfy(t -> assertThat(t.rollout().response().length()).isEqualTo(4));
      // Log-probabilities are those of the full softmax: nothing was cut off before sampling.
      assertThat(batch).allSatisfy(t -> assertThat(t.kl()).isCloseTo(0, within(1e-5)));
    }
  }

  @Test
  void g5TheLearningRateFallsLinearlyFromUpdateToUpdate() {
    try (ToyGame game = game(Toy.TASK, "updates = 4", "learning-rate = 1e-3")) {
      assertThat(game.play().reports())
          .extracting(report -> (float) report.get("policy/learning_rate"))
          .containsExactly(1e-3f, 7.5e-4f, 5e-4f, 2.5e-4f);
    }
  }

  @Test
  void g6NoTwoResponsesShareTheirRandomness() {
    List<Float> draws = new ArrayList<>();
    for (long prompt = 0; prompt < 3; prompt++) {
      for (int index = 0; index < 3; index++) {
        for (int position = 0; position < 3; position++) {
          draws.add(Randomness.uniform(1, prompt, 0, index, position));
          draws.add(Randomness.uniform(1, prompt, 1, index, position));
        }
      }
    }
    assertThat(draws).doesNotHaveDuplicates();
    assertThat(Randomness.uniform(1, 2, 1, 2, 2)).isEqualTo(draws.get(draws.size() - 1));
  }

  @Test
  void p1TheTemperatureIsInTheLearnersLogProbabilitiesToo() {
    List<Trajectory> batch = Toy.batch(Toy.random(4), 0);
    Task other = new Task(Tokens.of(), Tokens.of(), 4, 1, TruncationRule.NONE, true);
    assertThat(gap(Toy.TASK, batch)).isLessThan(1e-5);
    assertThat(gap(other, batch)).isGreaterThan(1e-2);
  }

  @Test
  void p2TheValueHeadStartsAtZero() {
    try (ToyGame game = game(Toy.TASK)) {
      Path file = Path.of(game.trainer().publish().url());
      var head = Safetensors.open(file).readF32(ScalarHead.VALUE.weightName());
      head.order(ByteOrder.LITTLE_ENDIAN);
      while (head.hasRemaining()) {
        assertThat(head.getFloat()).isZero();
      }
      assertThat(game.batch())
          .allSatisfy(t -> assertThat(t.rollout().values().toArray()).containsOnly(0));
    }
  }

  @Test
  void p4NothingIsDroppedOutWhileLearning() {
    List<Trajectory> batch = Toy.batch(Toy.random(4), 0);
    List<float[]> once = after(Toy.settings(4, 10, 1e-4), Toy.TASK, batch, 64);
    List<float[]> again = after(Toy.settings(4, 10, 1e-4), Toy.TASK, batch, 64);
    for (int i = 0; i < once.size(); i++) {
      assertThat(again.get(i)).isEqualTo(once.get(i));
    }
  }

  /** Paper 3.4's examples: token 13 from index 3 on. */
  @Test
  void p5AResponseIsCutAtItsEndAndPenalisedWithoutOne() {
    TruncationRule rule = new TruncationRule(OptionalInt.of(13), 3, -1);
    var cut = rule.truncate(Tokens.of(13, 5, 7, 13, 9, 13));
    assertThat(cut.kept()).isEqualTo(Tokens.of(13, 5, 7, 13));
    assertThat(rule.score(cut.valid(), .4f)).isEqualTo(.4f);
    var endless = rule.truncate(Tokens.of(1, 2, 13, 4, 5, 6));
    assertThat(endless.kept().length()).isEqualTo(6);
    assertThat(rule.score(endless.valid(), .4f)).isEqualTo(-1);
    assertThat(rule.truncate(Tokens.of(1, 2, 3, 4, 5, 13)).valid()).isTrue();
  }

  @Test
  void p6TheFirstTokenIsCreditedInFull() {
    PolicySettings settings = PolicySettings.from(ConfigFactory.defaultReference());
    assertThat(settings.gamma()).isEqualTo(1);
    float[][] late = {{0, 0, 0, 1}};
    assertThat(Advantages.estimate(late, new float[1][4], settings.gamma(), 1).advantages()[0])
        .containsExactly(1, 1, 1, 1);
  }

  @Test
  void p7EachEpochTakesAStepAMinibatchInANewOrder() {
    try (PolicyNets nets = new PolicyNets(net(), Optional.empty())) {
      PolicySettings settings = Toy.settings(3, 10, 1e-3, "minibatches = 2");
      List<Adam> optimizers = Toy.optimizers(nets);
      Toy.learn(settings, Toy.TASK, nets, optimizers, 8, 0, Toy.batch(Toy.weights(), 0));
      assertThat(optimizers.get(0).steps()).isEqualTo(6);
    }
    // An update's order depends on its version alone: twice the same one is no fresh permutation.
    List<Trajectory> batch = Toy.batch(Toy.random(4), 0);
    try (PolicyNets nets = new PolicyNets(trained(4), Optional.empty())) {
      PolicySettings once = Toy.settings(1, 10, 1e-4, "minibatches = 2");
      List<Adam> optimizers = Toy.optimizers(nets);
      Toy.learn(once, Toy.TASK, nets, optimizers, 64, 0, batch);
      Toy.learn(once, Toy.TASK, nets, optimizers, 64, 0, batch);
      PolicySettings twice = Toy.settings(2, 10, 1e-4, "minibatches = 2");
      assertThat(after(twice, Toy.TASK, batch, 64).get(2))
          .isNotEqualTo(Toy.numbers(nets.policy().trained()).get(2));
    }
  }

  @Test
  void p8EachTokenPaysItsDivergenceAndTheLastEarnsTheScore() {
    Trajectory trajectory = Toy.batch(Toy.random(4), 0).get(0);
    float[] rewards = TokenRewards.of(trajectory, .2);
    for (int t = 0; t < 4; t++) {
      double kl = (double) trajectory.rollout().logprobs().get(t) - trajectory.refLogprobs().get(t);
      assertThat((double) rewards[t])
          .isCloseTo(-.2 * kl + (t == 3 ? trajectory.score() : 0), within(1e-5));
    }
  }

  @Test
  void p9AndX2WhiteningAndAdvantagesAreThoseOfTheMinibatch() {
    List<Trajectory> batch = Toy.batch(Toy.random(4), 0);
    Ppo ppo = new Ppo(1, .95, true);
    AdvantageTargets half =
        (AdvantageTargets) ppo.targets(Objective.groups(batch.subList(0, 16), 1), .1);
    AdvantageTargets whole = (AdvantageTargets) ppo.targets(Objective.groups(batch, 1), .1);
    double sum = 0;
    double squares = 0;
    for (float[] row : half.advantages()) {
      for (float advantage : row) {
        sum += advantage;
        squares += advantage * advantage;
      }
    }
    assertThat(sum / 64).isCloseTo(0, within(1e-5));
    assertThat(squares / 64).isCloseTo(1, within(1e-3));
    assertThat(half.advantages()[0]).isNotEqualTo(whole.advantages()[0]);
  }

  @Test
  void p11AndX5ThePriceFollowsTheDivergenceOfWholeSequencesOfTheWholeBatch() {
    try (ToyGame game = game(Toy.TASK, "minibatches = 2", "kl.horizon = 200", "kl.target = 0.5")) {
      game.learn(game.batch(), OptionalDouble.empty());
      List<Trajectory> batch = game.batch();
      KlController before = game.trainer().state().kl();
      UpdateReport report = game.learn(batch, OptionalDouble.empty());
      double sum = 0;
      for (Trajectory t : batch) {
        for (int i = 0; i < 4; i++) {
          sum += (double) t.rollout().logprobs().get(i) - t.refLogprobs().get(i);
        }
      }
      assertThat(report.get("objective/kl")).isCloseTo(sum / 32, within(1e-5));
      double error = Math.max(-.2, Math.min(.2, sum / 32 / .5 - 1));
      assertThat(game.trainer().state().kl().beta())
          .isCloseTo(before.beta() * (1 + error * 32 / 200), within(1e-9));
    }
  }

  @Test
  void x2RatiosAreTakenAgainstTheSampling() {
    List<Trajectory> batch = Toy.batch(Toy.weights(), 0);
    PolicySettings settings = Toy.settings(1, 10, 1e-2);
    try (PolicyNets nets = new PolicyNets(net(), Optional.empty());
        TorchNet now = TorchNet.of(Toy.CONFIG, nets.policy().weights(), Toy.CPU)) {
      Toy.learn(settings, Toy.TASK, nets, Toy.optimizers(nets), 64, 0, batch);
      UpdateStats second = new UpdateStats();
      MinibatchTargets lesson = settings.objective().targets(Objective.groups(batch, 1), .1);
      new GradientAccumulator(settings, Toy.TASK, nets, MicroBatch.ofRows(8))
          .add(lesson, .1, second, -1);
      float[][] logprobs =
          now.score(
                  batch.stream().map(t -> t.rollout().query()).toList(),
                  batch.stream().map(t -> t.rollout().response()).toList(),
                  Toy.TASK.temperature())
              .logprobs();
      double squares = 0;
      for (int i = 0; i < batch.size(); i++) {
        for (int t = 0; t < 4; t++) {
          squares += Math.pow(logprobs[i][t] - batch.get(i).rollout().logprobs().get(t), 2);
        }
      }
      assertThat(squares).isGreaterThan(1e-3);
      assertThat(second.numbers().get("policy/approxkl"))
          .isCloseTo(squares / batch.size() / 4 / 2, within(1e-6));
    }
  }

  @Test
  void x4FewerThanEightSequencesAreWhitenedOnlyWhenAllowed() {
    assertThatThrownBy(() -> Toy.settings("batch = 7"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(
            "plaudit.policy.batch: 7 (expected: at least 8 sequences a minibatch to whiten, or"
                + " plaudit.policy.allow-small-minibatches = on)");
    assertThatThrownBy(() -> Toy.settings("batch = 16", "minibatches = 4"))
        .hasMessageStartingWith("plaudit.policy.minibatches: 4 ");
    assertThat(Toy.settings("batch = 7", "allow-small-minibatches = on").warnings())
        .singleElement()
        .asString()
        .contains("7 sequences");
    assertThat(Toy.settings("batch = 8").warnings()).isEmpty();
    assertThat(Toy.settings("batch = 4", "algorithm = rloo", "group = 2").warnings()).isEmpty();
  }

  @Test
  void x6ThereIsOneTaskForPolicyAndRewardModel() {
    for (String side : List.of("plaudit.policy", "plaudit.reward")) {
      assertThat(ConfigFactory.defaultReference().getConfig(side).entrySet())
          .extracting(Map.Entry::getKey)
          .filteredOn(key -> !key.startsWith("rule.")) // what a rule counts, not what is read
          .noneMatch(key -> key.matches(".*(length|truncate|temperature|penalty|prefix).*"));
    }
  }

  @Test
  void beforeTheFirstGradientDivergenceIsZeroRatiosAreOneAndValuesZero() {
    try (ToyGame game = game(Toy.TASK, "epochs = 1")) {
      UpdateReport first = game.learn(game.batch(), OptionalDouble.empty());
      assertThat(first.get("objective/kl")).isCloseTo(0, within(1e-5));
      assertThat(first.get("objective/kl_k3")).isBetween(0.0, 1e-5);
      assertThat(first.get("policy/approxkl")).isCloseTo(0, within(1e-9));
      assertThat(first.get("policy/ratio_max")).isCloseTo(1, within(1e-5));
      assertThat(first.get("policy/clipfrac")).isZero();
      assertThat(first.get("value/clipfrac")).isZero();
      assertThat(first.get("policy/logprob_gap")).isLessThan(1e-5);
    }
  }

  private ToyGame game(Task task, String... lines) {
    List<String> all = new ArrayList<>(List.of("batch = 32", "group = 2"));
    all.addAll(List.of(lines));
    return new ToyGame(
        Toy.settings(all.toArray(String[]::new)),
        task,
        QUERIES,
        kept -> kept.stream().filter(token -> token == 3).count(),
        dir);
  }

  private static Task stopping() {
    TruncationRule stops = new TruncationRule(List.of(7), 0, -1, true);
    return new Task(Tokens.of(8), Tokens.of(), 8, 0.7f, stops, true);
  }

  private static double gap(Task task, List<Trajectory> batch) {
    try (PolicyNets nets = new PolicyNets(trained(4), Optional.empty())) {
      return Toy.learn(Toy.settings(1, 10, 1e-3), task, nets, Toy.optimizers(nets), 8, 0, batch)
          .numbers()
          .getOrDefault("policy/logprob_gap", Double.NaN);
    }
  }

  private static List<float[]> after(
      PolicySettings settings, Task task, List<Trajectory> batch, int microBatch) {
    boolean separate = settings.algorithm().separateValue();
    Optional<ValueNetwork> value =
        separate
            ? Optional.of(
                new ValueNetwork(
                    trained(5), task, MicroBatch.ofRows(microBatch), settings.clipValue()))
            : Optional.empty();
    try (PolicyNets nets = new PolicyNets(trained(4), value)) {
      Toy.learn(settings, task, nets, Toy.optimizers(nets), microBatch, 0, batch);
      List<float[]> numbers = new ArrayList<>();
      nets.all().forEach(net -> numbers.addAll(Toy.numbers(net.trained())));
      return numbers;
    }
  }

  private static Network net() {
    return Network.of(Toy.CONFIG, Losses.POLICY, Toy.weights(), Toy.CPU);
  }

  private static Network trained(long seed) {
    return Network.of(Toy.CONFIG, Losses.POLICY, Toy.random(seed), Toy.CPU);
  }
}

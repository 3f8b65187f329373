package plaudit.language;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plaudit.model.Compute;
import plaudit.model.ModelConfig;
import plaudit.model.TorchNet;
import plaudit.model.Weights;
import plaudit.optim.AdamSettings;
import plaudit.optim.TrainedNet;
import plaudit.tokens.Tokens;

class SupervisedTrainerTest {

  private static final Compute CPU = Compute.cpu(1);
  private static final int VOCABULARY = 23;
  private static final ModelConfig CONFIG = ModelConfig.gpt2(2, 2, 16, 24, VOCABULARY);

  /** The last token of the query decides the response; the rest is noise. */
  private static final List<Demonstration> PARROT = parrot(64, 1);

  @Test
  void theLossIsThatOfTheResponsesAlone() {
    List<Demonstration> mixed = parrot(5, 7);
    double nats = 0;
    int tokens = 0;
    try (TrainedNet net = fresh(3);
        TorchNet reference = TorchNet.of(CONFIG, weights(3), CPU)) {
      for (Demonstration each : mixed) {
        float[] logprobs =
            reference.score(List.of(each.query()), List.of(each.response()), 1).logprobs()[0];
        for (float logprob : logprobs) {
          nats -= logprob;
        }
        tokens += each.response().length();
      }

      assertThat(trainer(net, settings(2, 2, 0)).evaluate(mixed, () -> false).orElseThrow())
          .isEqualTo(nats / tokens, within(1e-5));
    }
  }

  @Test
  void whatIsShownIsLearnt() {
    try (TrainedNet net = fresh(3)) {
      SupervisedTrainer trainer =
          new SupervisedTrainer(net, new SupervisedSettings(60, 16, 8, 0, 1), PARROT, 1e-2);
      trainer.train((step, loss, tokens) -> {}, () -> false);

      assertThat(trainer.complete()).isTrue();
      assertThat(trainer.evaluate(parrot(32, 2), () -> false).orElseThrow()).isLessThan(0.2);
    }
  }

  @Test
  void theQueryIsNotLearnt() {
    // All queries end in token 0 and continue with 1: only then is 1 ever a target.
    List<Demonstration> shown = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      shown.add(new Demonstration(Tokens.of(5, 6, 5, 6, 0), Tokens.of(1, 1)));
    }
    try (TrainedNet net = fresh(3)) {
      List<Demonstration> asResponse =
          List.of(new Demonstration(Tokens.of(5), Tokens.of(6, 5, 6, 0)));
      SupervisedTrainer trainer =
          new SupervisedTrainer(net, new SupervisedSettings(40, 8, 8, 0, 1), shown, 1e-2);
      trainer.train((step, loss, tokens) -> {}, () -> false);

      assertThat(trainer.evaluate(shown, () -> false).orElseThrow()).isLessThan(0.05);
      assertThat(trainer.evaluate(asResponse, () -> false).orElseThrow())
          .as("worse than guessing: every token is expected to be 1")
          .isGreaterThan(Math.log(VOCABULARY));
    }
  }

  @Test
  void microBatchesMakeTheSameSteps() {
    try (TrainedNet whole = fresh(3);
        TrainedNet parts = fresh(3)) {
      trainer(whole, settings(8, 8, 0)).train((step, loss, tokens) -> {}, () -> false);
      trainer(parts, settings(8, 3, 0)).train((step, loss, tokens) -> {}, () -> false);

      assertSame(whole, parts, 2e-4f);
    }
  }

  @Test
  void theRateFallsToZeroAlongACosine() {
    // Adam's step has the size of the rate, so the weights move ever less.
    List<Double> moved = new ArrayList<>();
    try (TrainedNet net = fresh(3)) {
      float[][] before = {numbers(net, 0)};
      SupervisedTrainer trainer = trainer(net, settings(16, 16, 0));
      trainer.train(
          (step, loss, tokens) -> {
            float[] now = numbers(net, 0);
            double sum = 0;
            for (int i = 0; i < now.length; i++) {
              sum += Math.abs(now[i] - before[0][i]);
            }
            moved.add(sum);
            before[0] = now;
          },
          () -> false);
      assertThat(trainer.steps()).isEqualTo(4);
    }
    assertThat(moved).hasSize(4);
    assertThat(moved.get(3)).isLessThan(moved.get(0) / 3);
  }

  @Test
  void whoGoesOnFromACheckpointMakesTheVerySteps(@TempDir Path dir) {
    SupervisedSettings settings = settings(8, 4, 0.1);
    Path file = dir.resolve("checkpoint.safetensors");
    try (TrainedNet straight = fresh(3);
        TrainedNet stopped = fresh(3)) {
      trainer(straight, settings).train((step, loss, tokens) -> {}, () -> false);
      trainer(stopped, settings).train((step, loss, tokens) -> {}, () -> stopped.steps() == 3);
      assertThat(stopped.steps()).isEqualTo(3);
      SupervisedCheckpoint.write(file, stopped, 1e-2);
      SupervisedCheckpoint checkpoint = new SupervisedCheckpoint(file);
      assertThat(checkpoint.isOf(1e-2)).isTrue();
      assertThat(checkpoint.isOf(2e-2)).isFalse();
      try (TrainedNet resumed = checkpoint.net(CONFIG, CPU)) {
        trainer(resumed, settings).train((step, loss, tokens) -> {}, () -> false);

        assertSame(straight, resumed, 0);
      }
    }
  }

  @Test
  void dropoutChangesTheLossOfAStepAndNotTheMeasure() {
    try (TrainedNet with = fresh(3);
        TrainedNet without = fresh(3)) {
      double[] losses = new double[2];
      SupervisedTrainer dropped = trainer(with, settings(64, 64, 0.5));
      SupervisedTrainer plain = trainer(without, settings(64, 64, 0));
      double measured = plain.evaluate(PARROT, () -> false).orElseThrow();

      assertThat(dropped.evaluate(PARROT, () -> false).orElseThrow()).isEqualTo(measured);
      dropped.train((step, loss, tokens) -> losses[0] = loss, () -> false);
      plain.train((step, loss, tokens) -> losses[1] = loss, () -> false);

      assertThat(losses[1]).isEqualTo(measured, within(1e-5));
      assertThat(Math.abs(losses[0] - measured)).isGreaterThan(1e-3);
    }
  }

  @Test
  void aLossThatIsNoNumberStopsBeforeTheStep() {
    try (TrainedNet net = fresh(3)) {
      SupervisedTrainer wild =
          new SupervisedTrainer(net, new SupervisedSettings(50, 16, 16, 0, 1), PARROT, 1e30);

      assertThatThrownBy(() -> wild.train((step, loss, tokens) -> {}, () -> false))
          .isInstanceOf(TrainingDivergedException.class)
          .hasMessageMatching(
              "loss at step \\d+ with learning rate 1.0E30: (NaN|Infinity) \\(expected: a finite"
                  + " number\\); lower the learning rate");
      assertThat(net.steps()).isLessThan(50);
    }
  }

  @Test
  void aPlainTextIsLearntTokenByToken() {
    List<Demonstration> windows = new TokenStream(new int[] {1, 2, 3, 4, 5, 6}).demonstrations(4);

    assertThat(windows)
        .containsExactly(
            new Demonstration(Tokens.of(1), Tokens.of(2, 3, 4)),
            new Demonstration(Tokens.of(4), Tokens.of(5, 6)));
  }

  private static SupervisedTrainer trainer(TrainedNet net, SupervisedSettings settings) {
    return new SupervisedTrainer(net, settings, PARROT, 1e-2);
  }

  private static SupervisedSettings settings(int batch, int microBatch, double dropout) {
    return new SupervisedSettings(1, batch, microBatch, dropout, 5);
  }

  private static TrainedNet fresh(long seed) {
    Weights weights = weights(seed);
    return TrainedNet.supervised(
        CONFIG,
        weights,
        weights.zerosLike("m."),
        weights.zerosLike("v."),
        0,
        AdamSettings.paper(),
        CPU);
  }

  private static Weights weights(long seed) {
    return FreshWeights.of(CONFIG, seed, CPU);
  }

  private static List<Demonstration> parrot(int count, long seed) {
    Random random = new Random(seed);
    List<Demonstration> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int[] query = random.ints(1 + random.nextInt(5), 0, VOCABULARY).toArray();
      int last = query[query.length - 1];
      int[] response = new int[2 + random.nextInt(3)];
      for (int j = 0; j < response.length; j++) {
        response[j] = last;
      }
      all.add(new Demonstration(Tokens.of(query), Tokens.of(response)));
    }
    return all;
  }

  private static void assertSame(TrainedNet expected, TrainedNet actual, float precision) {
    for (int i = 0; i < expected.weights().arrays().size(); i++) {
      assertThat(numbers(actual, i))
          .usingComparatorWithPrecision(precision)
          .containsExactly(numbers(expected, i));
    }
  }

  private static float[] numbers(TrainedNet net, int index) {
    NDArray array = net.weights().arrays().get(index);
    return array.toFloatArray();
  }
}

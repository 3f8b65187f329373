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
import plaudit.optim.Adam;
import plaudit.optim.AdamSettings;
import plaudit.optim.Losses;
import plaudit.optim.Network;
import plaudit.tokens.Tokens;
import plaudit.training.TrainingObserver;

class LanguageTrainerTest {

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
    try (Adam net = fresh(3);
        TorchNet reference = TorchNet.of(CONFIG, weights(3), CPU)) {
      for (Demonstration each : mixed) {
        float[] logprobs =
            reference.score(List.of(each.query()), List.of(each.response()), 1).logprobs()[0];
        for (float logprob : logprobs) {
          nats -= logprob;
        }
        tokens += each.response().length();
      }

      assertThat(measured(net, mixed)).isEqualTo(nats / tokens, within(1e-5));
    }
  }

  @Test
  void whatIsShownIsLearnt() {
    try (Adam net = fresh(3)) {
      LanguageTrainer trainer =
          new LanguageTrainer(
              net, new Demonstrations(PARROT, new Demonstrations.Settings(60, 16, 8, 0, 1), 1e-2));
      trainer.train(TrainingObserver.NONE);

      assertThat(trainer.complete()).isTrue();
      assertThat(measured(net, parrot(32, 2))).isLessThan(0.2);
    }
  }

  @Test
  void theQueryIsNotLearnt() {
    // All queries end in token 0 and continue with 1: only then is 1 ever a target.
    List<Demonstration> shown = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      shown.add(new Demonstration(Tokens.of(5, 6, 5, 6, 0), Tokens.of(1, 1)));
    }
    try (Adam net = fresh(3)) {
      List<Demonstration> asResponse =
          List.of(new Demonstration(Tokens.of(5), Tokens.of(6, 5, 6, 0)));
      LanguageTrainer trainer =
          new LanguageTrainer(
              net, new Demonstrations(shown, new Demonstrations.Settings(40, 8, 8, 0, 1), 1e-2));
      trainer.train(TrainingObserver.NONE);

      assertThat(measured(net, shown)).isLessThan(0.05);
      assertThat(measured(net, asResponse))
          .as("worse than guessing: every token is expected to be 1")
          .isGreaterThan(Math.log(VOCABULARY));
    }
  }

  @Test
  void microBatchesMakeTheSameSteps() {
    try (Adam whole = fresh(3);
        Adam parts = fresh(3)) {
      trainer(whole, settings(8, 8, 0)).train(TrainingObserver.NONE);
      trainer(parts, settings(8, 3, 0)).train(TrainingObserver.NONE);

      assertSame(whole, parts, 2e-4f);
    }
  }

  @Test
  void theRateFallsToZeroAlongACosine() {
    // Adam's step has the size of the rate, so the weights move ever less.
    List<Double> moved = new ArrayList<>();
    try (Adam net = fresh(3)) {
      float[][] before = {numbers(net, 0)};
      Demonstrations shown = new Demonstrations(PARROT, settings(16, 16, 0), 1e-2);
      new LanguageTrainer(net, shown)
          .train(
              TrainingObserver.ofSteps(
                  step -> {
                    float[] now = numbers(net, 0);
                    double sum = 0;
                    for (int i = 0; i < now.length; i++) {
                      sum += Math.abs(now[i] - before[0][i]);
                    }
                    moved.add(sum);
                    before[0] = now;
                    return true;
                  }));
      assertThat(shown.steps()).isEqualTo(4);
    }
    assertThat(moved).hasSize(4);
    assertThat(moved.get(3)).isLessThan(moved.get(0) / 3);
  }

  @Test
  void whoGoesOnFromACheckpointMakesTheVerySteps(@TempDir Path dir) {
    Demonstrations.Settings settings = settings(8, 4, 0.1);
    Path file = dir.resolve("checkpoint.safetensors");
    try (Adam straight = fresh(3);
        Adam stopped = fresh(3)) {
      trainer(straight, settings).train(TrainingObserver.NONE);
      trainer(stopped, settings).train(TrainingObserver.ofSteps(step -> step.done() < 3));
      assertThat(stopped.steps()).isEqualTo(3);
      SupervisedCheckpoint checkpoint = new SupervisedCheckpoint(file);
      checkpoint.write(stopped, "rate 1e-2");
      assertThat(checkpoint.isOf("rate 1e-2")).isTrue();
      assertThat(checkpoint.isOf("rate 2e-2")).isFalse();
      try (Adam resumed = checkpoint.resume(CONFIG, Losses.SUPERVISED, AdamSettings.paper(), CPU)) {
        trainer(resumed, settings).train(TrainingObserver.NONE);

        assertSame(straight, resumed, 0);
      }
    }
  }

  @Test
  void dropoutChangesTheLossOfAStepAndNotTheMeasure() {
    try (Adam with = fresh(3);
        Adam without = fresh(3)) {
      double[] losses = new double[2];
      LanguageTrainer dropped = trainer(with, settings(64, 64, 0.5));
      LanguageTrainer plain = trainer(without, settings(64, 64, 0));
      double measured = measured(without, PARROT);

      assertThat(measured(with, PARROT)).isEqualTo(measured);
      dropped.train(TrainingObserver.ofSteps(step -> keep(losses, 0, step)));
      plain.train(TrainingObserver.ofSteps(step -> keep(losses, 1, step)));

      assertThat(losses[1]).isEqualTo(measured, within(1e-5));
      assertThat(Math.abs(losses[0] - measured)).isGreaterThan(1e-3);
    }
  }

  @Test
  void aLossThatIsNoNumberStopsBeforeTheStep() {
    try (Adam net = fresh(3)) {
      LanguageTrainer wild =
          new LanguageTrainer(
              net, new Demonstrations(PARROT, new Demonstrations.Settings(50, 16, 16, 0, 1), 1e30));

      assertThatThrownBy(() -> wild.train(TrainingObserver.NONE))
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

  private static boolean keep(double[] losses, int at, TrainingObserver.Step step) {
    losses[at] = step.loss();
    return true;
  }

  private static double measured(Adam net, List<Demonstration> heldOut) {
    return LanguageTrainer.measure(
            net.network(), Demonstrations.measurement(heldOut, 8), () -> false)
        .orElseThrow();
  }

  private static LanguageTrainer trainer(Adam net, Demonstrations.Settings settings) {
    return new LanguageTrainer(net, new Demonstrations(PARROT, settings, 1e-2));
  }

  private static Demonstrations.Settings settings(int batch, int microBatch, double dropout) {
    return new Demonstrations.Settings(1, batch, microBatch, dropout, 5);
  }

  private static Adam fresh(long seed) {
    return Adam.fresh(
        Network.of(CONFIG, Losses.SUPERVISED, weights(seed), CPU), AdamSettings.paper());
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

  private static void assertSame(Adam expected, Adam actual, float precision) {
    for (int i = 0; i < expected.network().weights().arrays().size(); i++) {
      assertThat(numbers(actual, i))
          .usingComparatorWithPrecision(precision)
          .containsExactly(numbers(expected, i));
    }
  }

  private static float[] numbers(Adam net, int index) {
    NDArray array = net.network().weights().arrays().get(index);
    return array.toFloatArray();
  }
}

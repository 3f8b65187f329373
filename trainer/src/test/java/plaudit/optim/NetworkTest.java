package plaudit.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Random;
import org.junit.jupiter.api.Test;
import plaudit.language.FreshWeights;
import plaudit.language.LanguageTrainer;
import plaudit.language.RandomWindows;
import plaudit.language.TokenStream;
import plaudit.model.Compute;
import plaudit.model.ModelConfig;
import plaudit.model.TorchProgram;
import plaudit.training.TrainingObserver;

class NetworkTest {

  private static final Compute CPU = Compute.cpu(1);

  /** The place of the first layer's attention bias in the layout. */
  private static final int BIAS = 5;

  private static final ModelConfig CONFIG = ModelConfig.gpt2(2, 2, 16, 16, 23);

  /** Paper 3.8: rate 1e-5, constant gradients 1e-2, -1e-4, 1e-6. */
  @Test
  void adamPutsEpsilonWhereTensorFlowPutsIt() {
    try (TorchProgram program = adam();
        NDManager scope = program.scope()) {
      NDArray w = scope.zeros(new Shape(3));
      NDArray m = scope.zeros(new Shape(3));
      NDArray v = scope.zeros(new Shape(3));
      for (int t = 1; t <= 3; t++) {
        NDArray g = scope.create(new float[] {1e-2f, -1e-4f, 1e-6f});
        double rate = 1e-5 * Math.sqrt(1 - Math.pow(0.999, t)) / (1 - Math.pow(0.9, t));
        program.update(
            "adam",
            scope,
            new NDList(w),
            new NDList(g),
            new NDList(m),
            new NDList(v),
            new NDList(w),
            rate,
            0.9,
            0.999,
            1e-5,
            0.0,
            0.0);
        float[] moved = w.toFloatArray();
        if (t == 1) {
          assertThat(moved[0]).isEqualTo(-9.6935e-6f, within(1e-9f));
          assertThat(moved[1]).isEqualTo(2.4025e-6f, within(1e-10f));
          assertThat(moved[2]).isEqualTo(-3.1523e-8f, within(1e-11f));
        } else if (t == 3) {
          assertThat(moved[0]).isEqualTo(-2.92953e-5f, within(1e-9f));
          assertThat(moved[1]).isEqualTo(9.02992e-6f, within(1e-10f));
          assertThat(moved[2]).isEqualTo(-1.30481e-7f, within(1e-11f));
        }
      }
    }
  }

  @Test
  void gradientsAgreeWithFiniteDifferences() {
    try (Network net = net();
        NDManager scope = net.scope()) {
      NDArray ids = scope.create(new long[] {1, 5, 9, 2, 22, 3, 3, 8}, new Shape(1, 8));
      net.backward("lm_loss", scope, ids, scope.create(new float[] {1}));
      float analytic = net.gradients().get(BIAS).getFloat(4);
      float h = 1e-2f;
      double up = natsWithBiasMoved(net, scope, h, ids);
      double down = natsWithBiasMoved(net, scope, -2 * h, ids);
      assertThat(analytic).isEqualTo((float) ((up - down) / (2 * h)), within(2e-4f));
    }
  }

  @Test
  void microBatchesGiveTheGradientOfTheWholeBatch() {
    long[] rows = new Random(3).longs(4 * 8, 0, 23).toArray();
    try (Network whole = net();
        Network parts = net();
        NDManager scope = whole.scope();
        NDManager other = parts.scope()) {
      whole.backward(
          "lm_loss", scope, scope.create(rows, new Shape(4, 8)), scope.create(new float[] {1}));
      for (int half = 0; half < 2; half++) {
        long[] ids = java.util.Arrays.copyOfRange(rows, half * 16, half * 16 + 16);
        parts.backward(
            "lm_loss", other, other.create(ids, new Shape(2, 8)), other.create(new float[] {0.5f}));
      }
      NDList expected = whole.gradients();
      NDList actual = parts.gradients();
      for (int i = 0; i < expected.size(); i++) {
        assertThat(actual.get(i).toFloatArray())
            .usingComparatorWithPrecision(1e-6f)
            .containsExactly(expected.get(i).toFloatArray());
      }
    }
  }

  @Test
  void aRepeatedTextIsLearnt() {
    int[] text = new int[400];
    for (int i = 0; i < text.length; i++) {
      text[i] = i % 7;
    }
    TokenStream stream = new TokenStream(text);
    try (Adam optimizer = Adam.fresh(net(), AdamSettings.paper())) {
      RandomWindows.Settings settings = new RandomWindows.Settings(8 * 8 * 400, 8, 8, 1e-2, 1);
      double before = nats(optimizer.network(), stream);
      new LanguageTrainer(optimizer, new RandomWindows(stream, settings))
          .train(TrainingObserver.NONE);
      assertThat(before).isEqualTo(Math.log(23), within(0.2));
      assertThat(nats(optimizer.network(), stream)).isLessThan(0.1);
    }
  }

  private static double nats(Network net, TokenStream stream) {
    return LanguageTrainer.measure(net, RandomWindows.measurement(stream, 8, 10), () -> false)
        .orElseThrow();
  }

  /** Moves one element of a bias by an optimizer step of known size, and looks at the loss. */
  private static double natsWithBiasMoved(Network net, NDManager scope, float by, NDArray ids) {
    NDArray bias = net.weights().arrays().get(BIAS);
    float[] delta = new float[(int) bias.size()];
    delta[4] = by;
    NDArray m = scope.create(delta);
    NDArray v = scope.ones(bias.getShape());
    NDArray g = scope.zeros(bias.getShape());
    try (TorchProgram adam = adam()) {
      adam.update(
          "adam",
          scope,
          new NDList(bias),
          new NDList(g),
          new NDList(m),
          new NDList(v),
          new NDList(),
          -1.0,
          1.0,
          1.0,
          0.0,
          0.0,
          0.0);
    }
    return net.infer("lm_nats", scope, ids).get(0).getFloat();
  }

  private static Network net() {
    return Network.of(CONFIG, Losses.LANGUAGE, FreshWeights.of(CONFIG, 11, CPU), CPU);
  }

  private static TorchProgram adam() {
    return TorchProgram.compile(Losses.text("adam.py"), CPU);
  }
}

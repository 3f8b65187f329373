package plaudit.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import plaudit.policy.Toy;

/** The weighted loss of stale responses: the TorchScript against plain Java, with gradients. */
class CorrectedLossTest {

  private static final int ROWS = 5;
  private static final int LENGTH = 4;
  private static final int COLUMNS = 7;
  private static final int TOKENS = ROWS * LENGTH;
  private static final double CLIP = 0.2;
  private static final float TEMPERATURE = 0.7f;

  /**
   * The slow loss's derivatives by each log-probability are taken by central differences. A policy
   * gradient whose advantages are these derivatives has to be the gradient of the fast loss.
   */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void lossAndGradientAreThoseOfTheSlowOne(long seed) {
    Random random = new Random(seed);
    try (Network net = Network.of(Toy.CONFIG, Losses.POLICY, Toy.random(7), Toy.CPU);
        NDManager scope = net.scope()) {
      NDArray ids =
          scope.create(
              random.longs(ROWS * COLUMNS, 0, Toy.CONFIG.vocabulary()).toArray(),
              new Shape(ROWS, COLUMNS));
      float[] now =
          net.infer("score", scope, ids, LENGTH, (double) TEMPERATURE).get(0).toFloatArray();
      float[] proximal = new float[TOKENS];
      float[] advantages = new float[TOKENS];
      float[] weights = new float[TOKENS];
      for (int i = 0; i < TOKENS; i++) {
        proximal[i] = (float) (now[i] + 0.3 * random.nextGaussian());
        advantages[i] = (float) random.nextGaussian();
        weights[i] = (float) Math.min(2, Math.exp(random.nextGaussian()));
      }
      double[] derivatives = derivatives(now, proximal, advantages, weights);

      NDList fast = loss(net, scope, ids, proximal, advantages, weights);
      assertThat((double) fast.get(1).getFloat())
          .isCloseTo(slow(doubles(now), proximal, advantages, weights), within(1e-5));
      List<float[]> gradient = gradientsAndForget(net);

      float[] slopes = new float[TOKENS];
      float[] ones = new float[TOKENS];
      for (int i = 0; i < TOKENS; i++) {
        slopes[i] = (float) (-TOKENS * derivatives[i]);
        ones[i] = 1;
      }
      loss(net, scope, ids, now, slopes, ones);
      List<float[]> expected = gradientsAndForget(net);
      for (int i = 0; i < expected.size(); i++) {
        assertThat(gradient.get(i)).containsExactly(expected.get(i), within(2e-4f));
      }
    }
  }

  private static NDList loss(
      Network net,
      NDManager scope,
      NDArray ids,
      float[] proximal,
      float[] advantages,
      float[] weights) {
    float[] none = new float[TOKENS];
    return net.backward(
        "ppo_loss",
        scope,
        ids,
        matrix(scope, proximal),
        matrix(scope, none),
        matrix(scope, advantages),
        matrix(scope, none),
        matrix(scope, weights),
        scope.create(new float[] {TEMPERATURE, (float) CLIP, 0.2f, 0, 1}));
  }

  private static List<float[]> gradientsAndForget(Network net) {
    List<float[]> numbers = new ArrayList<>();
    try (NDList gradients = net.gradients()) {
      gradients.forEach(gradient -> numbers.add(gradient.toFloatArray()));
    }
    net.clearGradients();
    return numbers;
  }

  /** mean(w max(-A r, -A clip(r))), r = exp(log pi - log prox). */
  private static double slow(
      double[] logprobs, float[] proximal, float[] advantages, float[] weights) {
    double sum = 0;
    for (int i = 0; i < logprobs.length; i++) {
      double ratio = Math.exp(logprobs[i] - proximal[i]);
      double clipped = Math.max(1 - CLIP, Math.min(1 + CLIP, ratio));
      sum += weights[i] * Math.max(-advantages[i] * ratio, -advantages[i] * clipped);
    }
    return sum / logprobs.length;
  }

  private static double[] derivatives(
      float[] logprobs, float[] proximal, float[] advantages, float[] weights) {
    double step = 1e-6;
    double[] derivatives = new double[logprobs.length];
    for (int i = 0; i < derivatives.length; i++) {
      double[] up = doubles(logprobs);
      double[] down = doubles(logprobs);
      up[i] += step;
      down[i] -= step;
      derivatives[i] =
          (slow(up, proximal, advantages, weights) - slow(down, proximal, advantages, weights))
              / (2 * step);
    }
    return derivatives;
  }

  private static double[] doubles(float[] values) {
    double[] doubles = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      doubles[i] = values[i];
    }
    return doubles;
  }

  private static NDArray matrix(NDManager scope, float[] flat) {
    return scope.create(flat, new Shape(ROWS, LENGTH));
  }
}

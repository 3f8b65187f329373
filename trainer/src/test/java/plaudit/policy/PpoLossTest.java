package plaudit.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import plaudit.optim.Losses;
import plaudit.optim.Network;

/** The TorchScript loss against the slow one (paper 3.7, steps 5 to 8). */
class PpoLossTest {

  private static final int ROWS = 6;
  private static final int LENGTH = 4;
  private static final int COLUMNS = 7;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void theFastLossIsTheSlowLoss(long seed) {
    Random random = new Random(seed);
    try (Network net = Network.of(Toy.CONFIG, Losses.POLICY, Toy.weights(), Toy.CPU);
        NDManager scope = net.scope()) {
      NDArray ids =
          scope.create(
              random.longs(ROWS * COLUMNS, 0, Toy.CONFIG.vocabulary()).toArray(),
              new Shape(ROWS, COLUMNS));
      NDList now = net.infer("score", scope, ids, LENGTH, 0.7);
      float[] logprobs = now.get(0).toFloatArray();
      float[] values = now.get(1).toFloatArray();
      PpoLossReference.Old old =
          new PpoLossReference.Old(
              around(logprobs, 0.3, random),
              around(values, 0.3, random),
              around(new float[logprobs.length], 1, random),
              around(new float[logprobs.length], 0.5, random));
      PpoLossReference.Loss slow = PpoLossReference.loss(old, logprobs, values, 0.2f, 0.25f, 0.1f);
      assertThat(slow.clipFraction()).isBetween(.05, .95);
      assertThat(slow.valueClipFraction()).isBetween(.01, .95);

      NDList fast =
          net.backward(
              "ppo_loss",
              scope,
              ids,
              matrix(scope, old.logprobs()),
              matrix(scope, old.values()),
              matrix(scope, old.advantages()),
              matrix(scope, old.returns()),
              scope.ones(new Shape(ROWS, LENGTH)),
              scope.create(new float[] {0.7f, 0.2f, 0.25f, 0.1f, 0.5f}));
      assertThat((double) fast.get(0).getFloat()).isCloseTo(0.5 * slow.total(), within(1e-5));
      assertThat((double) fast.get(1).getFloat()).isCloseTo(slow.policyLoss(), within(1e-5));
      assertThat((double) fast.get(2).getFloat()).isCloseTo(slow.valueLoss(), within(1e-5));
      assertThat((double) fast.get(3).getFloat()).isCloseTo(slow.approxKl(), within(1e-5));
      assertThat((double) fast.get(4).getFloat()).isCloseTo(slow.clipFraction(), within(1e-6));
      assertThat((double) fast.get(5).getFloat()).isCloseTo(slow.valueClipFraction(), within(1e-6));
      assertThat(fast.get(7).toFloatArray()).containsExactly(logprobs, within(1e-5f));
    }
  }

  private static float[] around(float[] centre, double deviation, Random random) {
    float[] moved = new float[centre.length];
    for (int i = 0; i < moved.length; i++) {
      moved[i] = (float) (centre[i] + deviation * random.nextGaussian());
    }
    return moved;
  }

  private static NDArray matrix(NDManager scope, float[] flat) {
    return scope.create(flat, new Shape(ROWS, LENGTH));
  }
}

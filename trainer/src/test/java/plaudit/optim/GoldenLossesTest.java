package plaudit.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import plaudit.language.FreshWeights;
import plaudit.model.Compute;
import plaudit.model.Gpt2Layout;
import plaudit.model.Gpt2Script;
import plaudit.model.ModelConfig;
import plaudit.model.RewardFile;
import plaudit.model.ScalarHead;
import plaudit.model.TensorSpec;
import plaudit.model.TorchProgram;
import plaudit.model.Weights;

/** The golden numbers of the paper's losses (3.7) against the TorchScript that learners run. */
class GoldenLossesTest {

  private static final Compute CPU = Compute.cpu(1);
  private static final ModelConfig CONFIG = ModelConfig.gpt2(1, 2, 16, 16, 11);

  private final TorchProgram program =
      TorchProgram.compile(Gpt2Script.of(CONFIG) + TrainingScript.of(CONFIG), CPU);
  private final NDManager scope = program.scope();

  @AfterEach
  void close() {
    scope.close();
    program.close();
  }

  @Test
  void theClippedPolicyLossIsTheGoldenOne() {
    NDList out =
        program.update(
            "clipped_policy",
            scope,
            row(-.9f, -2.5f, -.2f),
            row(-1, -2, -.5f),
            row(1, -1, .5f),
            row(1, 1, 1),
            0.2);
    assertThat(number(out, 0)).isCloseTo(-.301724, within(1e-5));
    assertThat(number(out, 1)).isCloseTo(.0583333, within(1e-5));
    assertThat(number(out, 2)).isCloseTo(2 / 3d, within(1e-5));
    assertThat(number(out, 3)).isCloseTo(1.34986, within(1e-5));
  }

  @Test
  void p10TheClippedValueLossIsTheGoldenOne() {
    NDList out =
        program.update(
            "clipped_value",
            scope,
            row(.9f, -.1f, .2f),
            row(.5f, 0, -.3f),
            row(1, .5f, -1),
            row(1, 1, 1),
            0.2);
    assertThat(number(out, 0)).isCloseTo(.315, within(1e-5));
    assertThat(number(out, 1)).isCloseTo(1 / 3d, within(1e-5));
  }

  @Test
  void whatIsPaddedCountsInNoMean() {
    NDList policy =
        program.update(
            "clipped_policy",
            scope,
            row(-.9f, -2.5f, -.2f, -77),
            row(-1, -2, -.5f, 0),
            row(1, -1, .5f, 0),
            row(1, 1, 1, 0),
            0.2);
    assertThat(number(policy, 0)).isCloseTo(-.301724, within(1e-5));
    assertThat(number(policy, 1)).isCloseTo(.0583333, within(1e-5));
    assertThat(number(policy, 3)).isCloseTo(1.34986, within(1e-5));
    NDList value =
        program.update(
            "clipped_value",
            scope,
            row(.9f, -.1f, .2f, 5),
            row(.5f, 0, -.3f, 0),
            row(1, .5f, -1, 0),
            row(1, 1, 1, 0),
            0.2);
    assertThat(number(value, 0)).isCloseTo(.315, within(1e-5));
  }

  @Test
  void thePreferenceLossIsThatOfItsFormula() {
    NDArray logp = matrix(2, 2, -1, -.6f, -2, -.6f);
    NDArray reference = matrix(2, 2, -1.5f, -.5f, -1.2f, -.7f);
    NDArray present = matrix(2, 2, 1, 1, 1, 1);
    NDList hard =
        program.update(
            "preference", scope, logp, reference, present, scope.create(new float[] {1}), 0.5);
    double margin = .5 * ((.5 - .1) - (-.8 + .1));
    assertThat(number(hard, 0)).isCloseTo(Math.log(1 + Math.exp(-margin)), within(1e-5));
    assertThat(number(hard, 1)).isEqualTo(1);
    assertThat(number(hard, 2)).isCloseTo(margin, within(1e-5));
    NDList soft =
        program.update(
            "preference", scope, logp, reference, present, scope.create(new float[] {.7f}), 0.5);
    assertThat(number(soft, 0))
        .isCloseTo(
            .7 * Math.log(1 + Math.exp(-margin)) + .3 * Math.log(1 + Math.exp(margin)),
            within(1e-5));
  }

  /** Rewards (0, 1, 2, -1) of four one-token responses, for which the head is solved. */
  @Test
  void theRewardLossIsTheGoldenOne() {
    double[] wanted = {0, 1, 2, -1};
    float[] head = new float[CONFIG.width()];
    try (TrainedNet net = rewardNet(head)) {
      float[] flat = net.infer("hidden", scope, responses()).get(0).toFloatArray();
      double[] shares = solve(flat, wanted);
      for (int i = 0; i < 4; i++) {
        for (int j = 0; j < head.length; j++) {
          head[j] += (float) (shares[i] * flat[i * head.length + j]);
        }
      }
    }
    try (TrainedNet net = rewardNet(head)) {
      NDArray ids = responses();
      assertThat(net.infer("reward", scope, ids).get(0).toFloatArray())
          .containsExactly(new float[] {0, 1, 2, -1}, within(1e-5f));
      assertThat(rewardLoss(net, ids, 2)).isCloseTo(.4401897, within(1e-5));
      assertThat(rewardLoss(net, ids, 0)).isCloseTo(2.4401897, within(1e-5));
    }
  }

  private double rewardLoss(TrainedNet net, NDArray ids, long best) {
    return number(
        net.backward(
            "preference_loss",
            scope,
            ids,
            scope.create(new long[] {best}),
            scope.create(new float[] {1})),
        0);
  }

  private NDArray responses() {
    return scope.create(new long[] {1, 5, 8, 10}, new Shape(4, 1));
  }

  private static TrainedNet rewardNet(float[] head) {
    List<TensorSpec> specs = new ArrayList<>(ScalarHead.REWARD.appendTo(Gpt2Layout.of(CONFIG)));
    specs.addAll(RewardFile.SCALE);
    try (Weights fresh = FreshWeights.of(CONFIG, 11, CPU)) {
      Weights weights =
          Weights.read(
              specs,
              spec -> {
                if (spec.name().equals(ScalarHead.REWARD.weightName())) {
                  return bytes(head);
                }
                int known = fresh.specs().indexOf(spec);
                float gain = spec.equals(RewardFile.SCALE.get(0)) ? 1 : 0;
                return known < 0 ? bytes(gain) : fresh.copy(known);
              },
              true,
              CPU);
      return TrainedNet.fresh(CONFIG, weights, AdamSettings.paper(), CPU);
    }
  }

  private static ByteBuffer bytes(float... values) {
    ByteBuffer bytes = ByteBuffer.allocateDirect(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      bytes.putFloat(value);
    }
    return bytes.flip();
  }

  /** How much of each row makes a head that gives the wanted products: (H H') x = y. */
  private static double[] solve(float[] flat, double[] wanted) {
    int n = wanted.length;
    int width = flat.length / n;
    double[][] a = new double[n][n + 1];
    for (int i = 0; i < n; i++) {
      for (int k = 0; k < n; k++) {
        for (int j = 0; j < width; j++) {
          a[i][k] += (double) flat[i * width + j] * flat[k * width + j];
        }
      }
      a[i][n] = wanted[i];
    }
    for (int pivot = 0; pivot < n; pivot++) {
      for (int row = 0; row < n; row++) {
        double factor = row == pivot ? 0 : a[row][pivot] / a[pivot][pivot];
        for (int column = 0; column <= n; column++) {
          a[row][column] -= factor * a[pivot][column];
        }
      }
    }
    double[] x = new double[n];
    for (int i = 0; i < n; i++) {
      x[i] = a[i][n] / a[i][i];
    }
    return x;
  }

  private static double number(NDList out, int index) {
    return out.get(index).getFloat();
  }

  private NDArray row(float... values) {
    return matrix(1, values.length, values);
  }

  private NDArray matrix(int rows, int columns, float... values) {
    return scope.create(values, new Shape(rows, columns));
  }
}

package plaudit.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import plaudit.model.Compute;
import plaudit.model.ModelConfig;
import plaudit.model.Products;
import plaudit.model.TorchProgram;

/**
 * The golden numbers of the policy's losses (paper 3.7) against the TorchScript that learners run.
 */
class GoldenLossesTest {

  private static final Compute CPU = Compute.cpu(1);
  private static final ModelConfig CONFIG = ModelConfig.gpt2(1, 2, 16, 16, 11);

  private final TorchProgram program =
      TorchProgram.compile(Losses.POLICY.over(CONFIG, Products.PLAIN), CPU);
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
            row(1, 1, 1),
            0.2);
    assertThat(number(out, 0)).isCloseTo(-.301724, within(1e-5));
    assertThat(number(out, 1)).isCloseTo(.0583333, within(1e-5));
    assertThat(number(out, 2)).isCloseTo(2 / 3d, within(1e-5));
    assertThat(number(out, 3)).isCloseTo(1.34986, within(1e-5));
  }

  /**
   * The same tokens, sampled by a policy that gave them -1.3, -2.1, -.4: ratios 1.34986, 1.10517,
   * .904837 times the unweighted losses -1.10517, .8, -.6, over 3, for a cap of 1.2 (computed in
   * Python; the first by hand: (1.2 * -1.10517 + 1.10517 * .8 + .904837 * -.6) / 3 = -.328324).
   */
  @Test
  void theWeightedPolicyLossesAreTheGoldenOnes() {
    assertThat(weighted(1.2f, 1.105171f, .904837f)).isCloseTo(-.328324, within(1e-5)); // truncated
    assertThat(weighted(0, 1.105171f, .904837f)).isCloseTo(.113745, within(1e-5)); // decoupled
    assertThat(weighted(1, 1, .904837f)).isCloseTo(-.282691, within(1e-5)); // v-trace, rho 1
  }

  private double weighted(float... weights) {
    NDList out =
        program.update(
            "clipped_policy",
            scope,
            row(-.9f, -2.5f, -.2f),
            row(-1, -2, -.5f),
            row(1, -1, .5f),
            row(weights),
            row(1, 1, 1),
            0.2);
    assertThat(number(out, 1)).isCloseTo(.0583333, within(1e-5));
    return number(out, 0);
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

package plaudit.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import plaudit.model.Compute;
import plaudit.model.Layout;
import plaudit.model.ModelConfig;
import plaudit.model.Precision;
import plaudit.model.Products;
import plaudit.model.ScalarHead;
import plaudit.model.TensorSpec;
import plaudit.model.TorchProgram;
import plaudit.model.Weights;

/** Every loss gives every trained tensor the gradient that it has in exact products. */
class PrecisionGradientTest {

  private static final ModelConfig CONFIG = ModelConfig.gpt2(2, 2, 16, 16, 11);
  private static final Compute CPU = Compute.cpu(1);
  private static final int ROWS = 4;
  private static final int RESPONSE = 3;

  static Stream<Arguments> losses() {
    List<Arguments> all = new ArrayList<>();
    for (Products products : List.of(Products.RECORDED_FP32, Products.RECORDED_BF16)) {
      all.add(Arguments.of(products, Losses.POLICY, "ppo_loss", false));
      all.add(Arguments.of(products, Losses.POLICY, "ppo_loss", true));
      all.add(Arguments.of(products, Losses.POLICY, "value_loss", false));
      all.add(Arguments.of(products, Losses.POLICY, "dpo_loss", false));
      all.add(Arguments.of(products, Losses.POLICY, "dpo_loss", true));
      for (String loss : List.of("best_of_n", "pairwise", "rating", "compare")) {
        all.add(Arguments.of(products, Losses.REWARD, loss + "_loss", false));
      }
      all.add(Arguments.of(products, Losses.LANGUAGE, "lm_loss", false));
      all.add(Arguments.of(products, Losses.SUPERVISED, "answer_loss", false));
    }
    return all.stream();
  }

  @ParameterizedTest
  @MethodSource("losses")
  void reachesEveryTrainedTensor(Products products, Losses losses, String loss, boolean lora) {
    assumeTrue(
        products == Products.RECORDED_BF16
            || products == Products.recorded(CPU.with(products.precision())),
        "not used on this machine: it computes something else");
    double most = products.precision() == Precision.BF16 ? 0.1 : 1e-4;
    List<FloatBuffer> expected = gradients(Products.PLAIN, losses, loss, lora);
    List<FloatBuffer> got = gradients(products, losses, loss, lora);
    int reached = 0;
    for (int i = 0; i < expected.size(); i++) {
      double[] difference = difference(expected.get(i), got.get(i));
      if (difference[1] > 1e-6) {
        reached++;
        assertThat(difference[0] / difference[1]).as("tensor " + i).isLessThan(most);
      }
    }
    assertThat(reached).isGreaterThan(lora ? 8 : 20);
  }

  /** The norms of the difference and of the expected. */
  private static double[] difference(FloatBuffer expected, FloatBuffer got) {
    double difference = 0;
    double norm = 0;
    for (int i = 0; i < expected.limit(); i++) {
      double d = (double) expected.get(i) - got.get(i);
      difference += d * d;
      norm += (double) expected.get(i) * expected.get(i);
    }
    return new double[] {Math.sqrt(difference), Math.sqrt(norm)};
  }

  /** Of what is trained. */
  private static List<FloatBuffer> gradients(
      Products products, Losses losses, String loss, boolean lora) {
    Adapters adapters = new Adapters(CONFIG, 2, 4);
    String text = losses.over(CONFIG, products);
    List<FloatBuffer> gradients = new ArrayList<>();
    try (TorchProgram program =
            TorchProgram.compile(lora ? text + adapters.script(text) : text, CPU);
        Weights base = weights(specs(losses), !lora);
        Weights trained = lora ? weights(adapters.trained(), true) : base;
        Weights all = lora ? Weights.joined(List.of(base, trained)) : base;
        NDManager scope = program.scope()) {
      NDArray[] args = args(scope, loss);
      program.backward(program.train(lora ? "adapted_" + loss : loss, scope, all, args).get(0));
      try (NDList found = program.gradients(trained)) {
        found.forEach(
            array ->
                gradients.add(array.toByteBuffer().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer()));
      }
    }
    return gradients;
  }

  private static List<TensorSpec> specs(Losses losses) {
    List<TensorSpec> specs = new ArrayList<>(ScalarHead.VALUE.appendTo(Layout.of(CONFIG)));
    if (losses == Losses.REWARD) {
      specs.add(TensorSpec.of("gain", 1));
      specs.add(TensorSpec.of("bias", 1));
    }
    return specs;
  }

  private static Weights weights(List<TensorSpec> specs, boolean trainable) {
    Random random = new Random(3);
    return Weights.read(
        specs,
        spec -> {
          ByteBuffer bytes =
              ByteBuffer.allocateDirect(Math.toIntExact(4 * spec.size()))
                  .order(ByteOrder.LITTLE_ENDIAN);
          float shift = spec.name().matches(".*ln_\\w+\\.weight|gain") ? 1 : 0;
          for (long i = 0; i < spec.size(); i++) {
            bytes.putFloat(shift + (float) (0.2 * random.nextGaussian()));
          }
          return bytes.flip();
        },
        trainable,
        CPU);
  }

  private static NDArray[] args(NDManager scope, String loss) {
    long[] tokens = new Random(5).longs(ROWS * 8, 0, 11).toArray();
    NDArray ids = scope.create(tokens, new Shape(ROWS, 8));
    Shape shape = new Shape(ROWS, RESPONSE);
    NDArray old = scope.create(numbers(ROWS * RESPONSE, 1), shape).sub(2.4f);
    NDArray values = scope.create(numbers(ROWS * RESPONSE, 2), shape);
    NDArray ones = scope.ones(shape);
    return switch (loss) {
      case "ppo_loss" ->
          args(ids, old, values, values, ones, ones, scope.create(floats(1, 99, 99, 0.5f, 1)));
      case "value_loss" -> args(ids, values, ones, scope.create(floats(99, 1)));
      case "dpo_loss" ->
          args(ids, old, old, scope.ones(new Shape(ROWS / 2)), scope.create(floats(1, 0.5f, 1)));
      case "lm_loss" -> args(ids, scope.create(floats(1)));
      case "answer_loss" -> {
        long[] targets = new Random(6).longs(ROWS * RESPONSE, 0, 11).toArray();
        yield args(ids, scope.create(targets, shape), scope.create(floats(1, 0)));
      }
      default -> args(ids, target(scope, loss), scope.create(floats(1, 0.1f)));
    };
  }

  private static NDArray[] args(NDArray... args) {
    return args;
  }

  private static NDArray target(NDManager scope, String loss) {
    return switch (loss) {
      case "best_of_n_loss" -> scope.create(new float[] {1, 0, 0, 0}, new Shape(1, 4));
      case "pairwise_loss" ->
          scope.create(
              new float[] {0, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, new Shape(1, 4, 4));
      case "rating_loss" -> scope.create(numbers(ROWS, 3), new Shape(ROWS, 1));
      default -> scope.create(numbers(ROWS / 2, 3), new Shape(ROWS / 2, 1));
    };
  }

  private static float[] floats(float... numbers) {
    return numbers;
  }

  private static float[] numbers(int count, long seed) {
    Random random = new Random(seed);
    float[] numbers = new float[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = (float) (0.3 * random.nextGaussian());
    }
    return numbers;
  }
}

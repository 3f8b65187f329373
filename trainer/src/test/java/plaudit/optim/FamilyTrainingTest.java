package plaudit.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import plaudit.language.FreshWeights;
import plaudit.model.Compute;
import plaudit.model.Family;
import plaudit.model.Layout;
import plaudit.model.ModelConfig;
import plaudit.model.ScalarHead;
import plaudit.model.TensorSpec;
import plaudit.model.TorchNet;
import plaudit.model.Weights;
import plaudit.tokens.Tokens;

/** Every family learns: gradients of all weights, and adapters that add up to an ordinary net. */
class FamilyTrainingTest {

  private static final Compute CPU = Compute.cpu(1);
  private static final long[] TEXT = {1, 5, 9, 2, 22, 3, 3, 8};

  private static ModelConfig config(String family) {
    boolean shared = !family.startsWith("gpt");
    return ModelConfig.fresh(Family.named(family).orElseThrow(), 2, 2, shared ? 1 : 2, 16, 16, 23);
  }

  @ParameterizedTest
  @ValueSource(strings = {"gpt2", "llama", "mistral", "qwen2", "qwen3", "gpt_neox"})
  void everyWeightHasTheGradientOfFiniteDifferences(String family) {
    ModelConfig config = config(family);
    Random random = new Random(5);
    Weights weights =
        Weights.read(
            ScalarHead.VALUE.appendTo(Layout.of(config)), spec -> normal(spec, random), true, CPU);
    try (Network net = Network.of(config, Losses.LANGUAGE, weights, CPU);
        NDManager scope = net.scope()) {
      NDArray ids = scope.create(TEXT, new Shape(1, TEXT.length));
      net.backward("lm_loss", scope, ids, scope.create(new float[] {1}));
      try (NDList gradients = net.gradients()) {
        for (int i = 0; i < gradients.size() - 2; i++) {
          String name = weights.specs().get(i).name();
          float[] gradient = gradients.get(i).toFloatArray();
          int at = steepest(gradient);
          if (name.endsWith("k_proj.bias")) {
            continue; // moves all scores of a query alike
          }
          assertThat(gradient[at]).as(name).isNotZero();
          float h = 4e-3f;
          double up = nats(net, scope, i, at, h, ids);
          double down = nats(net, scope, i, at, -2 * h, ids);
          nats(net, scope, i, at, h, ids);
          assertThat((double) gradient[at])
              .as(name)
              .isCloseTo((up - down) / (2 * h), within(5e-4 + 0.02 * Math.abs(gradient[at])));
        }
      }
    }
  }

  private static int steepest(float[] gradient) {
    int at = 0;
    for (int i = 0; i < gradient.length; i++) {
      at = Math.abs(gradient[i]) > Math.abs(gradient[at]) ? i : at;
    }
    return at;
  }

  /** The loss after one number of a weight has moved. */
  private static double nats(
      Network net, NDManager scope, int weight, int at, float by, NDArray ids) {
    net.load(
        spec -> {
          int index = net.weights().specs().indexOf(spec);
          ByteBuffer values = net.weights().copy(index);
          ByteBuffer moved =
              ByteBuffer.allocateDirect(values.remaining()).order(ByteOrder.LITTLE_ENDIAN);
          for (int i = 0; values.hasRemaining(); i++) {
            moved.putFloat(values.getFloat() + (index == weight && i == at ? by : 0));
          }
          return moved.flip();
        });
    return net.infer("lm_nats", scope, ids).get(0).getFloat();
  }

  @ParameterizedTest
  @ValueSource(strings = {"gpt2", "llama", "qwen3", "gpt_neox"})
  void adaptersAddUpToAnOrdinaryNet(String family) throws IOException {
    ModelConfig config = config(family);
    Adapters adapters = new Adapters(config, 3, 6);
    Random random = new Random(4);
    Weights base = FreshWeights.of(config, 5, CPU);
    Weights trained = Weights.read(adapters.trained(), spec -> normal(spec, random), true, CPU);
    try (Network net = Network.adapted(adapters, base, trained, CPU);
        NDManager scope = net.scope()) {
      NDArray ids = scope.create(TEXT, new Shape(1, TEXT.length));
      float[] adapted = net.infer("score", scope, ids, 3, 1.0).get(0).toFloatArray();
      net.export(
          whole -> {
            Weights copy =
                Weights.read(
                    whole.specs(), spec -> whole.copy(whole.specs().indexOf(spec)), true, CPU);
            try (TorchNet plain = TorchNet.of(config, copy, CPU)) {
              assertThat(
                      plain.score(
                              List.of(Tokens.of(1, 5, 9, 2, 22)), List.of(Tokens.of(3, 3, 8)), 1)
                          .logprobs()[0])
                  .usingComparatorWithPrecision(1e-5f)
                  .containsExactly(adapted);
            }
          });
      assertThat(trained.specs()).hasSize(2 + 2 * matrices(config));
    }
  }

  private static int matrices(ModelConfig config) {
    return switch (config.family().name()) {
      case "gpt2", "gpt_neox" -> 2 * 4;
      default -> 2 * 7;
    };
  }

  private static ByteBuffer normal(TensorSpec spec, Random random) {
    ByteBuffer bytes =
        ByteBuffer.allocateDirect(Math.toIntExact(4 * spec.size())).order(ByteOrder.LITTLE_ENDIAN);
    boolean gain = spec.shape().size() == 1 && spec.name().endsWith(".weight");
    for (long i = 0; i < spec.size(); i++) {
      bytes.putFloat((float) ((gain ? 1 : 0) + 0.2 * random.nextGaussian()));
    }
    return bytes.flip();
  }
}

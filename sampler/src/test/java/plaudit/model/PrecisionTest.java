package plaudit.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import plaudit.input.InvalidInputException;
import plaudit.model.CausalNet.Decoding;
import plaudit.model.CausalNet.ResponseScores;
import plaudit.tokens.Tokens;

/** Nets with packed weights against the plain one. */
class PrecisionTest {

  private static final float TEMPERATURE = 0.7f;
  private final Random random = new Random(4);
  private final List<Tokens> queries =
      List.of(TinyModels.text(random, 6, 37), TinyModels.text(random, 2, 37));
  private final List<Tokens> responses =
      List.of(TinyModels.text(random, 5, 37), TinyModels.text(random, 9, 37));

  @Test
  void aSettingNamesWhatThereIs() {
    assertThat(Precision.of("plaudit.sampler.precision", "bf16")).isEqualTo(Precision.BF16);
    assertThatThrownBy(() -> Precision.of("plaudit.sampler.precision", "fp16"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContainingAll("plaudit.sampler.precision", "fp16", "exact, fp32, bf16 or auto");
  }

  @Test
  void exactTakesThePlainProductsAndAGpuHasNoOthers() {
    assertThat(Products.forward(Compute.cpu(1))).isEqualTo(Products.PLAIN);
    assertThat(Products.recorded(Compute.cpu(1))).isEqualTo(Products.PLAIN);
    assertThat(Products.forward(new Compute("gpu", 1, Precision.FP32))).isEqualTo(Products.PLAIN);
    assertThat(Products.recorded(new Compute("gpu", 1, Precision.AUTO))).isEqualTo(Products.PLAIN);
  }

  @Test
  void leftToTheMachineNothingIsTakenThatIsRefusedByName() {
    Precision sampling = Products.forward(compute(Precision.AUTO)).precision();
    Precision learning = Products.recorded(compute(Precision.AUTO)).precision();

    assertThat(Products.forward(compute(sampling)).precision()).isEqualTo(sampling);
    assertThat(Products.recorded(compute(learning)).precision()).isEqualTo(learning);
  }

  @ParameterizedTest
  @CsvSource({
    "FP32,GELU_NEW,true,1e-5", "FP32,GELU,false,1e-5", "FP32,RELU,true,1e-5",
    "BF16,GELU_NEW,false,0.15", "BF16,GELU,true,0.15", "BF16,RELU,true,0.15"
  })
  void packedNetsSayWhatThePlainOneSays(
      Precision precision, Activation activation, boolean tied, float most) {
    ModelConfig config = TinyModels.config(activation, tied);
    assumeTrue(Products.forward(compute(precision)).precision() == precision);
    try (TorchNet plain = net(config, Precision.EXACT, 1);
        TorchNet packed = net(config, precision, 1)) {
      ResponseScores expected = plain.score(queries, responses, TEMPERATURE);
      ResponseScores got = packed.score(queries, responses, TEMPERATURE);
      for (int row = 0; row < 2; row++) {
        close(got.logprobs()[row], expected.logprobs()[row], most);
        close(got.values()[row], expected.values()[row], most);
      }
      close(packed.reward(responses), plain.reward(responses), most);
      close(packed.lastLogits(queries)[1], plain.lastLogits(queries)[1], most);
    }
  }

  @ParameterizedTest
  @CsvSource({"FP32,false", "FP32,true", "BF16,false", "BF16,true"})
  void weightsThatTakeOverWhileTextIsWrittenArePackedToo(Precision precision, boolean reread) {
    ModelConfig config = TinyModels.config(Activation.GELU_NEW, true);
    assumeTrue(Products.forward(compute(precision)).precision() == precision);
    float most = precision == Precision.BF16 ? 0.15f : 1e-5f;
    List<float[]> expected = new ArrayList<>();
    List<float[]> got = new ArrayList<>();
    for (Precision each : List.of(Precision.EXACT, precision)) {
      try (TorchNet net = net(config, each, 1);
          Decoding decoding = net.decode(queries, 2, 6, 0)) {
        for (int step = 0; step < 6; step++) {
          if (step == 3) {
            net.swap(TinyModels.weights(config, false, 2));
            if (reread) {
              decoding.reread();
            }
          }
          (each == precision ? got : expected).add(decoding.next(new float[4]).values());
        }
      }
    }
    // Texts may part where two tokens are equally likely to the rounding; until then values agree.
    close(got.get(0), expected.get(0), most);
    if (precision == Precision.FP32) {
      for (int step = 1; step < 6; step++) {
        close(got.get(step), expected.get(step), most);
      }
    }
  }

  @Test
  void whatIsPackedIsNotKeptASecondTime() {
    ModelConfig config = TinyModels.config(Activation.GELU_NEW, true);
    assumeTrue(Products.forward(compute(Precision.FP32)).packed());
    Weights weights = TinyModels.weights(config, false, 1);
    try (TorchNet net = TorchNet.of(config, weights, compute(Precision.FP32))) {
      net.reward(responses);
      for (int i = 0; i < weights.specs().size(); i++) {
        String name = weights.specs().get(i).name();
        boolean packed = name.matches("h\\..*(attn|mlp).*weight");
        int place = i;
        if (packed) {
          assertThatThrownBy(() -> weights.copy(place)).isInstanceOf(IllegalStateException.class);
        } else {
          assertThat(weights.copy(i).remaining()).as(name).isPositive();
        }
      }
    }
  }

  private static Compute compute(Precision precision) {
    return Compute.cpu(1).with(precision);
  }

  private static TorchNet net(ModelConfig config, Precision precision, long seed) {
    return TorchNet.of(config, TinyModels.weights(config, false, seed), compute(precision));
  }

  private static void close(float[] got, float[] expected, float most) {
    assertThat(got).usingComparatorWithPrecision(most).containsExactly(expected);
  }
}

package plaudit.rewards;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plaudit.input.InvalidInputException;
import plaudit.model.Compute;
import plaudit.model.Dtype;
import plaudit.model.ModelConfig;
import plaudit.model.ModelDirectory;
import plaudit.model.RewardDirectory;
import plaudit.model.TensorSpec;
import plaudit.rewards.SourceSettings.Finished;
import plaudit.scoring.RewardSource.Response;
import plaudit.task.Task;
import plaudit.task.TruncationRule;
import plaudit.tokens.Tokens;

class FinishedModelTest {

  private static final ModelConfig CONFIG = ModelConfig.gpt2(1, 2, 8, 16, 23);
  private static final Task TASK =
      new Task(Tokens.of(1), Tokens.of(2), 4, 1, TruncationRule.NONE, true);
  private static final Path TOKENIZER =
      Path.of(System.getProperty("plaudit.root", "..")).resolve("ops/models/novelist");

  @TempDir private Path directory;

  @Test
  void aClassifierOfHuggingFaceScoresAsAnOwnModelWithoutAScale() throws Exception {
    Path own =
        write(
            "own",
            List.of(
                spec("reward_head.weight", 1, 8),
                spec("reward_head.bias", 1),
                spec("reward_gain", 1),
                spec("reward_bias", 1)));
    Path classifier = write("classifier", List.of(spec("score.weight", 1, 8)));

    assertThat(scores(classifier)).isEqualTo(scores(own)).doesNotHaveDuplicates();
  }

  @Test
  void aValueHeadOfTrlHasABias() throws Exception {
    Path head =
        write("head", List.of(spec("v_head.summary.weight", 1, 8), spec("v_head.summary.bias", 1)));

    assertThat(scores(head)).hasSize(2);
  }

  @Test
  void whatHasNoHeadOrTwoLabelsIsRefused() {
    Path none = write("none", List.of());
    Path two = write("two", List.of(spec("score.weight", 2, 8)));

    assertThatThrownBy(() -> scores(none))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining(
            "reward_head.weight: missing (expected: [1, 8], as in a reward model)");
    assertThatThrownBy(() -> scores(two))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining(
            "reward_head.weight: missing (expected: [1, 8], as in a reward model)");
  }

  @Test
  void otherWeightsThanTheRunBeganWithAreRefused() {
    Path classifier = write("classifier", List.of(spec("score.weight", 1, 8)));

    assertThatThrownBy(() -> scores(classifier, "0123456789abcdef"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("(expected: weights 0123456789abcdef, as the run has)");
  }

  private List<Float> scores(Path model) throws Exception {
    return scores(model, "");
  }

  private List<Float> scores(Path model, String digest) throws Exception {
    String tokenizer =
        requireNonNull(RewardDirectory.open(model).directory().digests().get("tokenizer"));
    try (FinishedModel source =
        new FinishedModel(
            "plaudit.reward.model", new Finished(model, digest), TASK, Compute.cpu(1), tokenizer)) {
      return Asked.scores(source, List.of(response(3, 4, 5), response(3, 6)));
    }
  }

  private static Response response(int query, int... kept) {
    return new Response(0, Tokens.of(query), Tokens.of(kept), Tokens.of(kept), Tokens::toString);
  }

  private static TensorSpec spec(String name, long... shape) {
    return TensorSpec.of(name, shape);
  }

  /** The same trunk each time; the head's numbers depend on its place alone, the scale is none. */
  private Path write(String name, List<TensorSpec> head) {
    List<ModelDirectory.Extra> extras = new ArrayList<>();
    for (TensorSpec spec : head) {
      ByteBuffer data = zeros(spec);
      if (spec.name().endsWith("weight")) {
        Random random = new Random(3);
        for (int i = 0; i < spec.size(); i++) {
          data.putFloat(4 * i, (float) random.nextGaussian());
        }
      } else if (spec.name().equals("reward_gain")) {
        data.putFloat(0, 1);
      }
      extras.add(new ModelDirectory.Extra(spec, data));
    }
    Random random = new Random(5);
    Path dir = directory.resolve(name);
    ModelDirectory.write(dir, CONFIG, spec -> trunk(spec, random), extras, Dtype.F32, TOKENIZER);
    return dir;
  }

  private static ByteBuffer trunk(TensorSpec spec, Random random) {
    ByteBuffer data = zeros(spec);
    boolean norm = spec.name().matches(".*ln_\\w+\\.weight");
    for (int i = 0; i < spec.size(); i++) {
      data.putFloat(4 * i, norm ? 1 : (float) (0.3 * random.nextGaussian()));
    }
    return data;
  }

  private static ByteBuffer zeros(TensorSpec spec) {
    return ByteBuffer.allocateDirect(Math.toIntExact(4 * spec.size()))
        .order(ByteOrder.LITTLE_ENDIAN);
  }
}

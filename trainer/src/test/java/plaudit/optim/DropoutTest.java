package plaudit.optim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import plaudit.model.DecoderScript;
import plaudit.model.ModelConfig;
import plaudit.model.Products;

/** Paper P4: dropout is off everywhere but in supervised training. */
class DropoutTest {

  private static final ModelConfig CONFIG = ModelConfig.gpt2(2, 2, 16, 16, 23);
  private static final Pattern ATTENTION =
      Pattern.compile("scaled_dot_product_attention\\(\\w+, \\w+, \\w+, \\w+, ([^,]+), \\w+\\)");

  @Test
  void theProgramsOfPolicyAndRewardModelDoNotContainDropout() {
    String programs =
        Losses.POLICY.over(CONFIG, Products.PLAIN) + Losses.REWARD.over(CONFIG, Products.PLAIN);

    assertThat(programs).doesNotContainIgnoringCase("dropout");
    assertThat(probabilities(programs)).isNotEmpty().containsOnly("0.");
  }

  @Test
  void supervisedTrainingDropsWhatGpt2Drops() {
    String forward = DecoderScript.withDropout(CONFIG, Products.PLAIN);

    // The embedding, and in each of two layers what attention and what the inner layer add.
    assertThat(forward.split("torch\\.dropout\\(", -1)).hasSize(1 + 1 + 2 * 2);
    assertThat(probabilities(forward)).isNotEmpty().containsOnly("p");
  }

  private static List<String> probabilities(String program) {
    return ATTENTION.matcher(program).results().map(m -> m.group(1)).toList();
  }
}

package plaudit.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import plaudit.tokens.Tokens;

/** Paper G2: padding is no token, and every token is text, the end of text too. */
class PaddingTest {

  private static final ModelConfig CONFIG = TinyModels.config(Activation.GELU_NEW, true);

  /** The last id, as GPT-2 has its end of text. */
  private static final int END_OF_TEXT = CONFIG.vocabulary() - 1;

  @Test
  void paddingIsOutsideEveryVocabulary() {
    assertThat(TokenBatch.PAD).isNegative();
    assertThat(TokenBatch.leftAligned(List.of(Tokens.of(0, END_OF_TEXT), Tokens.of(0))).ids())
        .containsExactly(0, END_OF_TEXT, 0, TokenBatch.PAD);
  }

  @Test
  void anEndOfTextBesidePaddingIsReadLikeAnyToken() {
    Tokens ended = Tokens.of(4, 9, END_OF_TEXT);
    Tokens unended = Tokens.of(4, 9);
    Tokens longer = Tokens.of(1, 2, 3, 4, 5, 6);
    try (TorchNet net = TorchNet.of(CONFIG, TinyModels.weights(CONFIG, false, 3), Compute.cpu(1))) {
      float alone = net.reward(List.of(ended))[0];

      assertThat(net.reward(List.of(ended, longer))[0]).isEqualTo(alone, within(1e-5f));
      assertThat(Math.abs(net.reward(List.of(unended))[0] - alone)).isGreaterThan(1e-3f);
    }
  }
}

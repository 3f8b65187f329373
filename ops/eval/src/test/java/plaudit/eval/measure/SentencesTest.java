package plaudit.eval.measure;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SentencesTest {

  @Test
  void aSentenceEndsWithItsMarkOrItsLine() {
    assertThat(Sentences.of("It rained. Did it? Yes!\nNo mark here\n\n \"So.\" They left."))
        .containsExactly("It rained.", "Did it?", "Yes!", "No mark here", "\"So.\"", "They left.");
  }

  @Test
  void linesAreTakenAsTheyAre() {
    assertThat(Sentences.lines("One. Two.\n\n  Three ")).containsExactly("One. Two.", "Three");
  }
}

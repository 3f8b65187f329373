package plaudit.eval.copying;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CopiedTest {

  private static final String INPUT =
      "So my cat ran away. It came back on Sunday, and it was hungry. What should I do?";

  @Test
  void caseAndPunctuationDoNotMakeASentenceNew() {
    Copied copied =
        Copied.of(INPUT, "MY CAT RAN AWAY! It came back on Sunday and it was hungry", 3);

    assertThat(copied.sentences()).isEqualTo(2);
    assertThat(copied.novelSentences()).isZero();
    assertThat(copied.everything()).isTrue();
    // The first is part of an input sentence, the second is one.
    assertThat(copied.wholeSentences()).isEqualTo(1);
  }

  @Test
  void wordsOfTheInputInAnotherOrderAreANewSentence() {
    Copied copied = Copied.of(INPUT, "My hungry cat came back. What should I do?", 3);

    assertThat(copied.sentences()).isEqualTo(2);
    assertThat(copied.novelSentences()).isEqualTo(1);
    assertThat(copied.everything()).isFalse();
  }

  @Test
  void partOfAWordIsNotCopied() {
    assertThat(Copied.of("The catalogue.", "The cat.", 3).novelSentences()).isEqualTo(1);
  }

  @Test
  void runsOfWordsAreLookedUpInTheInput() {
    // my cat came home: "home" is new; "cat came" and "came home" are; of three words all are.
    Copied copied = Copied.of(INPUT, "my cat came home", 3);

    assertThat(copied.grams()).containsExactly(4, 3, 2, 1);
    assertThat(copied.novelGrams()).containsExactly(1, 2, 2, 1);
  }

  @Test
  void theStartIsCopiedWhenTheFirstWordsAreTheInputs() {
    assertThat(Copied.of(INPUT, "So, my cat is gone", 3).start()).isTrue();
    assertThat(Copied.of(INPUT, "So, my cat is gone", 4).start()).isFalse();
    assertThat(Copied.of(INPUT, "my cat ran away", 3).start()).isFalse();
    assertThat(Copied.of(INPUT, "So my", 3).start()).as("too short").isFalse();
  }

  @Test
  void anEmptyOutputCopiesNothing() {
    Copied copied = Copied.of(INPUT, "", 3);

    assertThat(copied.sentences()).isZero();
    assertThat(copied.everything()).isFalse();
  }
}

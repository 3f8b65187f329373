package plaudit.eval.verdict;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class DiversityTest {

  @Test
  void wordsAndPairsAreCountedOverAllTextsInLowerCase() {
    Diversity two = Diversity.of(List.of("The cat, the cat.", "A dog\u2019s the cat"));
    assertThat(two.distinct1()).isEqualTo(4 / 8d); // the, cat, a, dog's
    assertThat(two.distinct2()).isEqualTo(4 / 6d); // the cat, cat the, a dog's, dog's the
    assertThat(two.repetition()).isEqualTo(1 / 6d); // the first text says "the cat" twice
    assertThat(two.words()).isEqualTo(4);
  }

  @Test
  void textsWithoutWordsAreNotDivided() {
    assertThat(Diversity.of(List.of("...", ""))).isEqualTo(new Diversity(0, 0, 0, 0));
    assertThat(Diversity.gained(List.of(), List.of(), word -> true)).isEmpty();
  }

  @Test
  void theScoredWordThatGainedMostTextsIsNamed() {
    List<String> base = List.of("a great day", "the sea", "the end", "so good");
    List<String> tuned = List.of("great, great", "a great sea", "the great end", "the good the");
    assertThat(Diversity.gained(base, tuned, word -> word.equals("great") || word.equals("good")))
        .contains(new Diversity.Word("great", .25, .75));
    assertThat(Diversity.gained(base, base, word -> true)).isEmpty();
  }
}

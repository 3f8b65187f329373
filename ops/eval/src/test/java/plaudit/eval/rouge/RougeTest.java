package plaudit.eval.rouge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import plaudit.eval.measure.Sentences;
import plaudit.eval.rouge.Rouge.Overlap;

class RougeTest {

  private static final String ROSES =
      """
      The gardener planted roses beside the old stone wall.
      The roses were red, and the gardener watered them daily.
      """;
  private static final String ROSES_REFERENCE =
      """
      Beside the stone wall the gardener has planted red roses.
      He waters the roses every day.
      """;

  @Test
  void wordsAndPairsAreCountedAtMostAsOftenAsInTheOther() {
    // The words in common are the (2, as the reference has), cat, sat; of 6 and of 7.
    List<String> candidate = List.of("the", "cat", "sat", "the", "the", "dog");
    List<String> reference = List.of("the", "cat", "sat", "on", "the", "red", "mat");

    assertThat(Rouge.grams(candidate, reference, 1)).isEqualTo(new Overlap(4, 6, 7));
    // Pairs in common: the cat, cat sat.
    assertThat(Rouge.grams(candidate, reference, 2)).isEqualTo(new Overlap(2, 5, 6));
  }

  @Test
  void aCommonSubsequenceHasGapsButKeepsTheOrder() {
    // police ... the gunman: 3 of 4 words; "the gunman" alone would be 2 (Lin 2004, section 3.1).
    List<List<String>> reference = sentences("police killed the gunman");

    assertThat(Rouge.ROUGE_L.of(sentences("police kill the gunman"), reference))
        .isEqualTo(new Overlap(3, 4, 4));
    assertThat(Rouge.ROUGE_L.of(sentences("the gunman kill police"), reference))
        .isEqualTo(new Overlap(2, 4, 4));
  }

  @Test
  void aSummaryUnitesTheSubsequencesOfItsSentences() {
    // Lin 2004, section 3.2: w1 w2 and w1 w3 w5 unite to w1 w2 w3 w5, 4 of 5 words.
    Overlap overlap =
        Rouge.ROUGE_L_SUMMARY.of(
            sentences("w1 w2 w6 w7 w8\nw1 w3 w8 w9 w5"), sentences("w1 w2 w3 w4 w5"));

    assertThat(overlap).isEqualTo(new Overlap(4, 10, 5));
  }

  @Test
  void noWordOfASummaryIsMatchedMoreOftenThanItIsThere() {
    // Both reference sentences have "the cat", the candidate only once.
    Overlap overlap =
        Rouge.ROUGE_L_SUMMARY.of(sentences("the cat"), sentences("the cat\nthe cat sat"));

    assertThat(overlap).isEqualTo(new Overlap(2, 2, 5));
  }

  @Test
  void theNumbersAreThoseOfTheProgram() {
    // What ROUGE-1.5.5.pl -n 2 -f A -p 0.5 -z SPL prints for these two files, with and without -m.
    assertScore(Rouge.ROUGE_1, RougeWords.plain(), .57895, .68750, .62857);
    assertScore(Rouge.ROUGE_2, RougeWords.plain(), .27778, .33333, .30303);
    assertScore(Rouge.ROUGE_L_SUMMARY, RougeWords.plain(), .42105, .50000, .45714);
    assertScore(Rouge.ROUGE_1, RougeWords.stemmed(Map.of()), .63158, .75000, .68571);
    assertScore(Rouge.ROUGE_2, RougeWords.stemmed(Map.of()), .27778, .33333, .30303);
    assertScore(Rouge.ROUGE_L_SUMMARY, RougeWords.stemmed(Map.of()), .42105, .50000, .45714);
  }

  @Test
  void stemsMakeMoreWordsMatch() {
    List<List<String>> candidate = stems("A well-known gardener waters his plants.");
    List<List<String>> reference =
        stems(
            "The well known gardeners were watering plants in 1999.\n"
                + "The statement of the experimental element is professional.");

    // well, known, garden, water, plant of 7 and of 17 words.
    assertThat(Rouge.ROUGE_1.of(candidate, reference)).isEqualTo(new Overlap(5, 7, 17));
    assertThat(Rouge.ROUGE_L_SUMMARY.of(candidate, reference)).isEqualTo(new Overlap(5, 7, 17));
  }

  @Property
  void aTextIsAllOfItself(@ForAll("texts") List<List<String>> text) {
    for (Rouge measure : Rouge.values()) {
      Overlap overlap = measure.of(text, text);
      double expected = overlap.candidate() == 0 ? 0 : 1;
      assertThat(overlap.score()).isEqualTo(new Rouge.Score(expected, expected, expected));
    }
  }

  @Property
  void precisionOneWayIsRecallTheOther(
      @ForAll("texts") List<List<String>> one, @ForAll("texts") List<List<String>> other) {
    for (Rouge measure : List.of(Rouge.ROUGE_1, Rouge.ROUGE_2, Rouge.ROUGE_L)) {
      Overlap there = measure.of(one, other);
      Overlap back = measure.of(other, one);
      assertThat(there.precision()).isEqualTo(back.recall());
      assertThat(there.score().f1()).isCloseTo(back.score().f1(), within(1e-12));
    }
  }

  @Property
  void scoresLieBetweenNoneAndAllAndASubsequenceIsNoLongerThanTheWordsInCommon(
      @ForAll("texts") List<List<String>> one, @ForAll("texts") List<List<String>> other) {
    long words = Rouge.ROUGE_1.of(one, other).matches();
    for (Rouge measure : Rouge.values()) {
      Rouge.Score score = measure.of(one, other).score();
      assertThat(score.precision()).isBetween(0.0, 1.0);
      assertThat(score.recall()).isBetween(0.0, 1.0);
      assertThat(score.f1())
          .isBetween(
              Math.min(score.precision(), score.recall()) - 1e-12,
              Math.max(score.precision(), score.recall()) + 1e-12);
    }
    assertThat(Rouge.ROUGE_L.of(one, other).matches()).isLessThanOrEqualTo(words);
    assertThat(Rouge.ROUGE_L_SUMMARY.of(one, other).matches()).isLessThanOrEqualTo(words);
  }

  @Provide
  Arbitrary<List<List<String>>> texts() {
    Arbitrary<String> words = Arbitraries.of("a", "b", "c", "d", "e");
    return words.list().ofMinSize(1).ofMaxSize(8).list().ofMinSize(1).ofMaxSize(3);
  }

  private static void assertScore(
      Rouge measure, RougeWords words, double precision, double recall, double f1) {
    Rouge.Score score = measure.of(split(ROSES, words), split(ROSES_REFERENCE, words)).score();
    assertThat(score.precision()).isCloseTo(precision, within(1e-5));
    assertThat(score.recall()).isCloseTo(recall, within(1e-5));
    assertThat(score.f1()).isCloseTo(f1, within(1e-5));
  }

  private static List<List<String>> sentences(String text) {
    return split(text, RougeWords.plain());
  }

  private static List<List<String>> stems(String text) {
    return split(text, RougeWords.stemmed(Map.of()));
  }

  private static List<List<String>> split(String text, RougeWords words) {
    return Sentences.lines(text).stream().map(words::of).toList();
  }
}

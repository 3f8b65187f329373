package plaudit.eval.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

class ValenceTest {

  private static final Lexicon LEXICON =
      Lexicon.parse(
          List.of("good\t2", "great\t3", "nice\t.1", "bad\t-2.5", "awful\t-3", "no\t-1", ":)\t2"),
          "test");
  private static final Valence VALENCE = new Valence(LEXICON);

  @Test
  void wordsAddUpAndUnknownOnesSayNothing() {
    assertSum("the dog ate", 0);
    assertSum("a good and great dog", 5);
    assertSum("", 0);
  }

  @Test
  void punctuationCapitalsAndLineBreaksSayNothing() {
    assertSum("GOOD,\n(great) \"bad\"", 2.5);
    assertSum("good-great", 5);
  }

  @Test
  void anEmoticonIsAWord() {
    assertSum("well :)", 2);
  }

  @Test
  void aNegationTurnsAndDampsTheThreeWordsAfterIt() {
    assertSum("not good", -1.48);
    assertSum("not bad", 1.85);
    assertSum("it isn't a very good dog", -1.3 * 1.48);
    assertSum("it isn\u2019t good", -1.48);
    assertSum("not in the least good", 2);
  }

  @Test
  void aNegationEndsWithItsSentence() {
    assertSum("Why not? Good dog.", 2);
  }

  @Test
  void aNegationHasNoValenceOfItsOwn() {
    assertSum("no dog", 0);
    assertSum("no good", -1.48);
  }

  @Test
  void boostersStrengthenAndDampenersWeakenTheNextWord() {
    assertSum("very good", 2.6);
    assertSum("very very bad", -2.5 * 1.69);
    assertSum("slightly bad", -1.75);
    assertSum("very old good dog", 2);
  }

  @Test
  void whatFollowsButCountsMore() {
    assertSum("a good dog but a bad cat", 1 - 3.75);
  }

  @Test
  void exclamationMarksPushALittleTheWayItPoints() {
    assertSum("good!", 2.3);
    assertSum("bad!!!!!!", -3.4);
    assertSum("dog!!!", 0);
  }

  @Test
  void theScoreLiesBetweenMinusOneAndOne() {
    assertThat(VALENCE.score("dog")).isZero();
    assertThat(VALENCE.score("good")).isCloseTo(2 / Math.sqrt(19), within(1e-12));
    assertThat(VALENCE.score("great ".repeat(500))).isBetween(.99, 1d);
    assertThat(VALENCE.score("awful ".repeat(500))).isBetween(-1d, -.99);
  }

  @Property
  void anotherPositiveWordAtTheEndNeverLowersTheSum(
      @ForAll("textsWithoutNegation") String text, @ForAll("positiveWords") String word) {
    assertThat(VALENCE.rawSum(text + " " + word)).isGreaterThanOrEqualTo(VALENCE.rawSum(text));
  }

  @Provide
  Arbitrary<String> textsWithoutNegation() {
    return Arbitraries.of(
            "good",
            "great",
            "nice",
            "bad",
            "awful",
            "dog",
            "very",
            "slightly",
            "ran.",
            "bad!",
            "good!",
            "\n",
            "(so)",
            ":)")
        .list()
        .ofMaxSize(12)
        .map(words -> String.join(" ", words));
  }

  @Provide
  Arbitrary<String> positiveWords() {
    return Arbitraries.of("good", "great", "nice");
  }

  @Test
  void vadersOwnFileIsReadAsItIs() {
    Path file =
        Path.of(System.getProperty("plaudit.root", ".."))
            .resolve("../shared/data/lexicons/vader_lexicon.txt");
    Assumptions.assumeTrue(Files.exists(file), "no VADER lexicon at " + file);
    Valence valence = new Valence(Lexicon.load(file));

    assertThat(valence.score("What a wonderful, happy day!")).isGreaterThan(.6);
    assertThat(valence.score("The film was not good.")).isNegative();
    assertThat(valence.score("He hated the terrible war.")).isLessThan(-.6);
    assertThat(valence.score("The door was open.")).isZero();
  }

  private static void assertSum(String text, double sum) {
    assertThat(VALENCE.rawSum(text)).describedAs(text).isCloseTo(sum, within(1e-9));
  }
}

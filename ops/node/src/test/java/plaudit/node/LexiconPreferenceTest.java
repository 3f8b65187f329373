package plaudit.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import plaudit.eval.measure.Lexicon;
import plaudit.eval.measure.Valence;
import plaudit.input.InvalidInputException;
import plaudit.node.vendor.Judge;

class LexiconPreferenceTest {

  private static final Lexicon WORDS =
      Lexicon.parse(List.of("good\t2", "great\t3", "bad\t-2"), "words");
  private static final List<String> CHOICES =
      List.of("a bad day", "a day", "a great day", "a good day");

  @Test
  void withoutNoiseTheMostPositiveTextIsChosen() {
    Judge<String> judge = new LexiconPreference(new Valence(WORDS)).judge(0);

    assertThat(judge.judge("It was", CHOICES, new SplittableRandom(1))).isEqualTo(2);
  }

  @Test
  void textsThatAreTheSameToEverybodyAreATie() {
    Judge<String> judge = new LexiconPreference(new Valence(WORDS)).judge(0);

    assertThat(judge.judge("It was", List.of("a day", "a night"), new SplittableRandom(1)))
        .isEqualTo(Judge.TIE);
  }

  @Test
  void amongTextsWithoutAWordOfTheLexiconWhatIsRatherLettersIsChosen() {
    Judge<String> judge = new LexiconPreference(new Valence(WORDS)).judge(0);
    List<String> bytes = List.of("1\u0003#(", "a1\u0003#", "\ufffd\ufffd");

    assertThat(judge.judge("It was", bytes, new SplittableRandom(1))).isEqualTo(1);
    assertThat(judge.judge("It was", List.of("ab c1", "ab cd"), new SplittableRandom(1)))
        .describedAs("prose is alike")
        .isEqualTo(Judge.TIE);
  }

  @Test
  void withNoiseOthersAreChosenTooButTheBestMostOften() {
    Judge<String> judge = new LexiconPreference(new Valence(WORDS)).judge(0.5);
    SplittableRandom random = new SplittableRandom(1);

    int[] chosen = new int[CHOICES.size()];
    IntStream.range(0, 1000).forEach(i -> chosen[judge.judge("It was", CHOICES, random)]++);

    assertThat(chosen[2]).isGreaterThan(chosen[3]).isLessThan(1000);
    assertThat(chosen[0]).isPositive().isLessThan(chosen[1]);
  }

  @Test
  void noiseBelowZeroIsRefused() {
    assertThatThrownBy(() -> new LexiconPreference(new Valence(WORDS)).judge(-1))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage("noise: -1.0 (expected: >= 0)");
  }
}

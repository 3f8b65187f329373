package plaudit.eval.rouge;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class RougeWordsTest {

  @Test
  void everythingButAsciiLettersAndDigitsSeparates() {
    assertThat(RougeWords.plain().of("A well-known U.S. caf\u00e9, it's 1999!"))
        .containsExactly("a", "well", "known", "u", "s", "caf", "it", "s", "1999");
  }

  @Test
  void onlyWordsOfMoreThanThreeLettersAreStemmed() {
    assertThat(RougeWords.stemmed(Map.of()).of("his cats were running"))
        .containsExactly("his", "cat", "were", "run");
  }

  @Test
  void anIrregularFormBecomesItsBaseForm() {
    assertThat(RougeWords.stemmed(Map.of("were", "be", "ran", "run")).of("they were, he ran"))
        .as("ran is too short to be looked up")
        .containsExactly("thei", "be", "he", "ran");
  }
}

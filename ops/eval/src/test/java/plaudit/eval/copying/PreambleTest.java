package plaudit.eval.copying;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PreambleTest {

  @ParameterizedTest
  @ValueSource(strings = {"Hi reddit", "hello, all", "Hey!", "OK so", "Okay.", "So, my cat"})
  void aPostMayOpenWithAGreeting(String input) {
    assertThat(Preamble.GREETING.opens(input)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"My cat", "Soon it rained", "His", ""})
  void otherWordsAreNoGreeting(String input) {
    assertThat(Preamble.GREETING.opens(input)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"Berlin: it rained", "By our: staff", "Last updated at: noon"})
  void aColonInTheFirstThreeWordsIsAPreambleOfNews(String input) {
    assertThat(Preamble.COLON.opens(input)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"It rained in Berlin: all day", "No colon here", ""})
  void aLaterColonIsNone(String input) {
    assertThat(Preamble.COLON.opens(input)).isFalse();
  }
}

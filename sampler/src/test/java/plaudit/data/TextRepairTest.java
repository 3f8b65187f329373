package plaudit.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TextRepairTest {

  @ParameterizedTest
  @ValueSource(
      strings = {"caf\u00e9", "na\u00efve \u2013 yes", "\u20ac5", "\u00a0", "\ud83d\ude00"})
  void whatWasReadInTheWrongEncodingIsReadAgain(String meant) {
    assertThat(TextRepair.repair(misread(meant))).isEqualTo(meant);
    assertThat(TextRepair.repair(misread(misread(meant)))).isEqualTo(meant);
  }

  @Test
  void anApostropheComesBackStraight() {
    assertThat(TextRepair.repair("don\u00e2\u20ac\u2122t")).isEqualTo("don't");
  }

  @Test
  void accentsThatAreMeantStay() {
    assertThat(TextRepair.repair("\u00c5ngstr\u00f6m, S\u00c3O PAULO, \u00e0 la carte"))
        .isEqualTo("\u00c5ngstr\u00f6m, S\u00c3O PAULO, \u00e0 la carte");
  }

  @Test
  void charactersSpelledForHtmlAreSpelledOut() {
    assertThat(TextRepair.repair("R&amp;D &gt; &#39;x&#x27; &quot;&nbsp;&unknown; &#0;"))
        .isEqualTo("R&D > 'x' \"\u00a0&unknown; &#0;");
    assertThat(TextRepair.repair("<b>R&amp;D</b>")).isEqualTo("<b>R&amp;D</b>");
  }

  @Test
  void quotationMarksAreStraightenedAndLettersTakeTheirPlainShape() {
    assertThat(TextRepair.repair("\u201cIt\u2019s \ufb01ne\u201d \uff2f\uff2b"))
        .isEqualTo("\"It's fine\" OK");
    assertThat(TextRepair.repair("e\u0301")).isEqualTo("\u00e9");
  }

  @Test
  void lineEndsAreNewlinesAndControlCharactersGo() {
    assertThat(TextRepair.repair("\ufeffa\r\nb\rc\u2028d\u0007\te")).isEqualTo("a\nb\nc\nd\te");
  }

  @Test
  void threeLineEndsInARowBecomeTwo() {
    assertThat(TextRepair.collapsed("a\n\n\n\nb\n\nc\nd")).isEqualTo("a\n\nb\n\nc\nd");
  }

  @Test
  void aPostIsRepairedCollapsedAndStripped() {
    assertThat(PostFile.clean("\n  Hi &amp; bye\n\n\n\nSo. \n")).isEqualTo("Hi & bye\n\nSo.");
  }

  private static String misread(String text) {
    StringBuilder wrong = new StringBuilder();
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      String read = new String(new byte[] {b}, Charset.forName("windows-1252"));
      wrong.append(read.equals("\ufffd") ? Character.toString(b & 0xff) : read);
    }
    return wrong.toString();
  }
}

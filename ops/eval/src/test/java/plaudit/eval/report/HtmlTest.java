package plaudit.eval.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HtmlTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0|0",
        "0.4821|0.482",
        "6.034|6.03",
        "17.46|17.5",
        "1954|1,954",
        "-0.25|\u22120.250",
        "0.000014|1.4e\u22125",
        "Infinity|\u221e",
        "NaN|not a number"
      })
  void numbersHaveAboutThreeDigits(double value, String text) {
    assertThat(Html.number(value)).isEqualTo(text);
  }

  @Test
  void sharesArePercentWithADecimalNearTheEnds() {
    assertThat(Html.percent(.859)).isEqualTo("86%");
    assertThat(Html.percent(.996)).isEqualTo("99.6%");
    assertThat(Html.percent(1)).isEqualTo("100%");
  }

  @Test
  void whatSomebodySetHasNoZerosAtTheEnd() {
    assertThat(Html.setting(6)).isEqualTo("6");
    assertThat(Html.setting(.15)).isEqualTo("0.15");
    assertThat(Html.setting(100)).isEqualTo("100");
    assertThat(Html.setting(1e-5)).isEqualTo("1.0e\u22125");
  }

  @Test
  void durationsAndSizesAreReadable() {
    assertThat(Html.duration(Duration.ofMillis(1_240))).isEqualTo("1.2 s");
    assertThat(Html.duration(Duration.ofSeconds(723))).isEqualTo("12 min 03 s");
    assertThat(Html.duration(Duration.ofMinutes(125))).isEqualTo("2 h 05 min");
    assertThat(Html.bytes(812)).isEqualTo("812 B");
    assertThat(Html.bytes(12_845_312)).isEqualTo("13 MB");
    assertThat(Html.bytes(999_999)).isEqualTo("1.0 MB");
  }

  @Test
  void linksStayBesideTheReport() {
    assertThat(Html.href("a b/\u00e9.json")).isEqualTo("./a%20b/%C3%A9.json");
  }
}

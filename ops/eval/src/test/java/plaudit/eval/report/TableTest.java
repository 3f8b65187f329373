package plaudit.eval.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import plaudit.stats.Wilson;

class TableTest {

  private record Speed(String what, int size, double seconds) {}

  private static final Table<Speed> SPEEDS =
      Table.of(List.of(new Speed("write", 4, .5), new Speed("learn", 128, 12.25)))
          .column("", Speed::what)
          .column("size", Speed::size)
          .column("seconds", "%.2f", Speed::seconds);

  @Test
  void namesStandToTheLeftAndNumbersToTheRight() {
    assertThat(printed(SPEEDS::print))
        .containsExactly(
            "       size  seconds", //
            "write     4     0.50",
            "learn   128    12.25");
  }

  @Test
  void theSameTableIsMarkdown() {
    assertThat(SPEEDS.markdown())
        .isEqualTo(
            """
            |  | size | seconds |
            | --- | --- | --- |
            | write | 4 | 0.50 |
            | learn | 128 | 12.25 |
            """);
  }

  @Test
  void aTableWithoutRowsHasItsHeads() {
    Table<Speed> none = Table.<Speed>of(List.of()).column("size", Speed::size);

    assertThat(printed(none::print)).containsExactly("size");
  }

  @Test
  void factsStandToTheLeftWithoutHeads() {
    Table.Facts facts = new Table.Facts().add("pairs", 12).add("judge", "valence");

    assertThat(printed(facts::print)).containsExactly("pairs  12", "judge  valence");
    assertThat(printed(new Table.Facts()::print)).isEmpty();
  }

  @Test
  void numbersHavePointsWhereverTheReaderLives() {
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.GERMANY);
    try {
      assertThat(Table.percent(new Wilson(.5, .25, .75))).isEqualTo("50.0 (25.0 to 75.0)");
    } finally {
      Locale.setDefault(before);
    }
  }

  private static List<String> printed(Consumer<PrintWriter> printing) {
    StringWriter text = new StringWriter();
    printing.accept(new PrintWriter(text, true));
    return text.toString().lines().toList();
  }
}

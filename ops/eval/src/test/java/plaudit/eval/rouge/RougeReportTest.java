package plaudit.eval.rouge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import plaudit.eval.rouge.RougeReport.Item;

class RougeReportTest {

  @Test
  void numbersAreMeansOverCandidates() {
    // ROUGE-1 F1: 1 and 0.5; ROUGE-2: 1 and 0; ROUGE-L: 1 and 0.5.
    RougeReport report =
        RougeReport.of(
            List.of(item("the cat sat", "the cat sat"), item("a dog", "the dog")),
            SeveralReferences.AVERAGE,
            1_000,
            1);

    assertThat(report.row(Rouge.ROUGE_1).f1().mean()).isEqualTo(.75);
    assertThat(report.row(Rouge.ROUGE_2).f1().mean()).isEqualTo(.5);
    assertThat(report.row(Rouge.ROUGE_L_SUMMARY).f1().mean()).isEqualTo(.75);
    assertThat(report.average().mean()).isCloseTo((.75 + .5 + .75) / 3, within(1e-12));
  }

  @Test
  void theIntervalComesFromCandidatesDrawnAgain() {
    // Of two candidates with F1 1 and 0.5, a resample's mean is 0.5, 0.75 or 1.
    RougeReport report =
        RougeReport.of(
            List.of(item("the cat sat", "the cat sat"), item("a dog", "the dog")),
            SeveralReferences.AVERAGE,
            1_000,
            1);

    assertThat(report.row(Rouge.ROUGE_1).f1().low()).isEqualTo(.5);
    assertThat(report.row(Rouge.ROUGE_1).f1().high()).isEqualTo(1);
  }

  private static Item item(String candidate, String reference) {
    return new Item(
        List.of(RougeWords.plain().of(candidate)),
        List.of(List.of(RougeWords.plain().of(reference))));
  }
}

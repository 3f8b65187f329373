package plaudit.eval.agreement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import plaudit.eval.agreement.AgreementReport.LabelerAgreement;
import plaudit.eval.agreement.AgreementReport.Vote;
import plaudit.stats.Wilson;

class AgreementReportTest {

  @Test
  void pairsOfLabelersAreCountedComparisonByComparison() {
    // 3 of 3 pairs, 1 of 3, 0 of 1; the fourth was judged once and says nothing.
    AgreementReport report =
        AgreementReport.of(List.of(item(0, 0, 0), item(1, 1, 2), item(0, 3), item(2)));

    assertThat(report.comparisons()).isEqualTo(4);
    assertThat(report.repeated()).isEqualTo(3);
    assertThat(report.judgments()).isEqualTo(8);
    assertThat(report.pairs().share()).isCloseTo((1 + 1 / 3.0 + 0) / 3, within(1e-12));
    assertThat(report.pairs()).isEqualTo(Wilson.of(1 + 1 / 3.0, 3));
    assertThat(report.chance()).isEqualTo(.25);
    assertThat(report.votes())
        .containsExactly(new Vote(1, 2, 1), new Vote(3, 3, 1), new Vote(2, 3, 1));
  }

  @Test
  void aLabelerIsComparedWithTheOthers() {
    // c agrees with both, with neither, and is not asked.
    AgreementReport report = AgreementReport.of(List.of(item(0, 0, 0), item(1, 1, 2), item(0, 3)));

    assertThat(report.labelers())
        .containsExactly(
            new LabelerAgreement("a", 3, Wilson.of(1.5, 3)),
            new LabelerAgreement("b", 3, Wilson.of(1.5, 3)),
            new LabelerAgreement("c", 2, Wilson.of(1, 2)));
  }

  @Test
  void alphaIsThatOfThePublishedExample() {
    // Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability", section C: 0.743.
    String[] rows = {"123321412   ", "1233224125 3", " 3332342251 ", "12332441251 "};
    List<JudgedItem> items = new ArrayList<>();
    for (int unit = 0; unit < 12; unit++) {
      Map<String, Integer> answers = new LinkedHashMap<>();
      for (int observer = 0; observer < 4; observer++) {
        char value = rows[observer].charAt(unit);
        if (value != ' ') {
          answers.put("observer " + observer, value - '1');
        }
      }
      items.add(new JudgedItem(5, answers));
    }

    assertThat(AgreementReport.of(items).alpha()).isCloseTo(.743, within(.0005));
  }

  @Test
  void whoeverAgreesAlwaysHasAlphaOne() {
    AgreementReport report = AgreementReport.of(List.of(item(0, 0), item(3, 3, 3), item(1, 1)));

    assertThat(report.alpha()).isEqualTo(1);
    assertThat(report.aboveChance()).isEqualTo(1);
  }

  @Test
  void withOneAnswerOnlyAlphaSaysNothing() {
    assertThat(AgreementReport.of(List.of(item(0, 0), item(0, 0))).alpha()).isNaN();
  }

  @Test
  void withoutASecondOpinionThereIsNothingToMeasure() {
    assertThatThrownBy(() -> AgreementReport.of(List.of(item(0), item(1))))
        .hasMessage("comparisons judged twice: 0 (expected: at least one)");
  }

  @Property(tries = 200)
  void numbersStayWithinTheirBounds(
      @ForAll @Size(min = 1, max = 10)
          List<@Size(min = 2, max = 3) List<@IntRange(min = -1, max = 3) Integer>> answers) {
    List<JudgedItem> items =
        answers.stream()
            .map(own -> item(own.stream().mapToInt(Integer::intValue).toArray()))
            .toList();

    AgreementReport report = AgreementReport.of(items);

    assertThat(report.pairs().share()).isBetween(0.0, 1.0);
    assertThat(report.aboveChance()).isLessThanOrEqualTo(1);
    if (!Double.isNaN(report.alpha())) {
      assertThat(report.alpha()).isLessThanOrEqualTo(1 + 1e-12);
    }
    assertThat(report.votes().stream().mapToInt(Vote::comparisons).sum()).isEqualTo(items.size());
  }

  private static JudgedItem item(int... answers) {
    Map<String, Integer> byLabeler = new LinkedHashMap<>();
    for (int i = 0; i < answers.length; i++) {
      byLabeler.put(String.valueOf((char) ('a' + i)), answers[i]);
    }
    return new JudgedItem(4, byLabeler);
  }
}

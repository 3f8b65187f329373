package plaudit.eval.panel;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import plaudit.eval.panel.HumanEvaluation.ResponseSet;
import plaudit.eval.panel.HumanEvaluation.Tally;
import plaudit.labels.Choice;
import plaudit.labels.Comparison;
import plaudit.labels.Comparison.Sample;
import plaudit.labels.Judgment;
import plaudit.labels.Label;
import plaudit.stats.Wilson;

class HumanEvaluationTest {

  private static final Choice.NoPreference TIE = new Choice.NoPreference(Choice.Reason.TIE);
  private static final Choice.NoPreference CANNOT =
      new Choice.NoPreference(Choice.Reason.CANNOT_JUDGE);

  private final List<Label> labels = new ArrayList<>();

  @Test
  void aMajorityOfThreeWinsAndWhatHasNoneIsATie() {
    HumanEvaluation evaluation = evaluation(4);
    judge(evaluation, 0, "a0", "a0", "b0");
    judge(evaluation, 1, "b1", "b1", "b1");
    judge(evaluation, 2, "a2", "b2", "tie");
    judge(evaluation, 3, "a3", "a3", "tie");

    Tally tally = evaluation.count(labels, false);

    assertThat(tally).isEqualTo(new Tally(List.of(2.0, 1.0), 1, 0, 0));
    assertThat(tally.share(0)).isEqualTo(Wilson.of(2.5, 4));
    assertThat(tally.share(1)).isEqualTo(Wilson.of(1.5, 4));
  }

  @Test
  void theSameTextIsATieThatNobodyIsAskedAbout() {
    HumanEvaluation evaluation =
        new HumanEvaluation(List.of(new ResponseSet("q", List.of("same", " same "))), 3, 1);

    assertThat(evaluation.comparisons()).isEmpty();
    assertThat(evaluation.count(labels, true).share(0)).isEqualTo(Wilson.of(.5, 1));
  }

  @Test
  void aTextOfSeveralWritersIsShownOnceAndItsWinIsShared() {
    HumanEvaluation evaluation =
        new HumanEvaluation(List.of(new ResponseSet("q", List.of("x", "y", "x", "z"))), 1, 1);
    Comparison asked = evaluation.comparisons().get(0);
    judge(evaluation, 0, "x");

    assertThat(asked.samples()).extracting(Sample::text).containsExactlyInAnyOrder("x", "y", "z");
    assertThat(evaluation.count(labels, false).wins()).containsExactly(.5, 0.0, .5, 0.0);
  }

  @Test
  void whatIsNotJudgedByEnoughPeopleIsOpenUntilNobodyIsAskedAnyMore() {
    HumanEvaluation evaluation = evaluation(2);
    judge(evaluation, 0, "a0", "a0");

    assertThat(evaluation.count(labels, false).open()).isEqualTo(2);
    assertThat(evaluation.count(labels, true)).isEqualTo(new Tally(List.of(1.0, 0.0), 0, 0, 1));
  }

  @Test
  void anAmendedAnswerCountsOnceAndWhoCannotJudgeNotAtAll() {
    HumanEvaluation evaluation = evaluation(1);
    judge(evaluation, 0, "a0", "b0", "b0");
    label(evaluation.comparisons().get(0), "p1", best(evaluation.comparisons().get(0), "a0"));
    label(evaluation.comparisons().get(0), "p2", CANNOT);

    // p0 and p1 say a0, p2 nothing.
    assertThat(evaluation.count(labels, true).wins()).containsExactly(1.0, 0.0);
  }

  @Test
  void eachWriterStandsFirstAboutAsOftenAndTheSeedDecides() {
    HumanEvaluation evaluation = evaluation(200);
    long first =
        evaluation.comparisons().stream()
            .filter(asked -> asked.samples().get(0).text().startsWith("a"))
            .count();

    assertThat(first).isBetween(70L, 130L);
    assertThat(evaluation.comparisons()).isEqualTo(evaluation(200).comparisons());
  }

  @Test
  void nothingButTheTextsIsShown() {
    Set<Long> versions = new HashSet<>();
    evaluation(20)
        .comparisons()
        .forEach(asked -> asked.samples().forEach(sample -> versions.add(sample.policyVersion())));

    assertThat(versions).as("the same for all writers").hasSize(1);
  }

  @Test
  void anotherBallotHasAnotherDigest() {
    List<ResponseSet> sets = evaluation(2).sets();

    assertThat(evaluation(2).digest()).isEqualTo(new HumanEvaluation(sets, 3, 1).digest());
    assertThat(
            Set.of(
                new HumanEvaluation(sets, 3, 1).digest(),
                new HumanEvaluation(sets, 5, 1).digest(),
                new HumanEvaluation(sets, 3, 2).digest(),
                evaluation(3).digest()))
        .hasSize(4);
  }

  private static HumanEvaluation evaluation(int queries) {
    List<ResponseSet> sets = new ArrayList<>();
    for (int i = 0; i < queries; i++) {
      sets.add(new ResponseSet("query " + i, List.of("a" + i, "b" + i)));
    }
    return new HumanEvaluation(sets, 3, 1);
  }

  private void judge(HumanEvaluation evaluation, int index, String... answers) {
    Comparison asked = evaluation.comparisons().get(index);
    for (int i = 0; i < answers.length; i++) {
      label(asked, "p" + i, answers[i].equals("tie") ? TIE : best(asked, answers[i]));
    }
  }

  private static Choice best(Comparison asked, String text) {
    return new Choice.Best(asked.samples().stream().map(Sample::text).toList().indexOf(text));
  }

  private void label(Comparison asked, String labeler, Choice choice) {
    labels.add(
        new Label(
            labels.size() + 1,
            asked,
            new Judgment(asked.id(), "vendor", labeler, choice, Instant.EPOCH)));
  }
}

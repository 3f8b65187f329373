package plaudit.eval.panel;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
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
    HumanEvaluation ballot = ballot(4);
    judge(ballot, 0, "a0", "a0", "b0");
    judge(ballot, 1, "b1", "b1", "b1");
    judge(ballot, 2, "a2", "b2", "tie");
    judge(ballot, 3, "a3", "a3", "tie");

    Tally tally = ballot.count(labels, false);

    assertThat(tally).isEqualTo(new Tally(List.of(2.0, 1.0), 1, 0, 0));
    assertThat(tally.share(0)).isEqualTo(Wilson.of(2.5, 4));
    assertThat(tally.share(1)).isEqualTo(Wilson.of(1.5, 4));
  }

  @Test
  void theSameTextIsATieThatNobodyIsAskedAbout() {
    HumanEvaluation ballot =
        new HumanEvaluation(List.of(new ResponseSet("q", List.of("same", " same "))), 3, 1);

    assertThat(ballot.comparisons()).isEmpty();
    assertThat(ballot.count(labels, true).share(0)).isEqualTo(Wilson.of(.5, 1));
  }

  @Test
  void aTextOfSeveralWritersIsShownOnceAndItsWinIsShared() {
    HumanEvaluation ballot =
        new HumanEvaluation(List.of(new ResponseSet("q", List.of("x", "y", "x", "z"))), 1, 1);
    Comparison asked = ballot.comparisons().get(0);
    judge(ballot, 0, "x");

    assertThat(asked.samples()).extracting(Sample::text).containsExactlyInAnyOrder("x", "y", "z");
    assertThat(ballot.count(labels, false).wins()).containsExactly(.5, 0.0, .5, 0.0);
  }

  @Test
  void whatIsNotJudgedByEnoughPeopleIsOpenUntilNobodyIsAskedAnyMore() {
    HumanEvaluation ballot = ballot(2);
    judge(ballot, 0, "a0", "a0");

    assertThat(ballot.count(labels, false).open()).isEqualTo(2);
    assertThat(ballot.count(labels, true)).isEqualTo(new Tally(List.of(1.0, 0.0), 0, 0, 1));
  }

  @Test
  void anAmendedAnswerCountsOnceAndWhoCannotJudgeNotAtAll() {
    HumanEvaluation ballot = ballot(1);
    judge(ballot, 0, "a0", "b0", "b0");
    label(ballot.comparisons().get(0), "p1", best(ballot.comparisons().get(0), "a0"));
    label(ballot.comparisons().get(0), "p2", CANNOT);

    // p0 and p1 say a0, p2 nothing.
    assertThat(ballot.count(labels, true).wins()).containsExactly(1.0, 0.0);
  }

  @Test
  void eachWriterStandsFirstAboutAsOftenAndTheSeedDecides() {
    HumanEvaluation ballot = ballot(200);
    long first =
        ballot.comparisons().stream()
            .filter(asked -> asked.samples().get(0).text().startsWith("a"))
            .count();

    assertThat(first).isBetween(70L, 130L);
    assertThat(ballot.comparisons()).isEqualTo(ballot(200).comparisons());
  }

  @Test
  void nothingButTheTextsIsShown() {
    Set<Long> versions = new HashSet<>();
    ballot(20)
        .comparisons()
        .forEach(asked -> asked.samples().forEach(sample -> versions.add(sample.policyVersion())));

    assertThat(versions).as("the same for all writers").hasSize(1);
  }

  @Test
  void anotherBallotHasAnotherDigest() {
    List<ResponseSet> slates = ballot(2).slates();

    assertThat(ballot(2).digest()).isEqualTo(new HumanEvaluation(slates, 3, 1).digest());
    assertThat(
            Set.of(
                new HumanEvaluation(slates, 3, 1).digest(),
                new HumanEvaluation(slates, 5, 1).digest(),
                new HumanEvaluation(slates, 3, 2).digest(),
                ballot(3).digest()))
        .hasSize(4);
  }

  private static HumanEvaluation ballot(int queries) {
    List<ResponseSet> slates = new ArrayList<>();
    for (int i = 0; i < queries; i++) {
      slates.add(new ResponseSet("query " + i, List.of("a" + i, "b" + i)));
    }
    return new HumanEvaluation(slates, 3, 1);
  }

  private void judge(HumanEvaluation ballot, int index, String... answers) {
    Comparison asked = ballot.comparisons().get(index);
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

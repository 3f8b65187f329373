package plaudit.eval.verdict;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import plaudit.eval.measure.Estimate;
import plaudit.eval.measure.MeanDifference;
import plaudit.eval.measure.WinRate;
import plaudit.eval.verdict.Verdict.Worth;
import plaudit.stats.Agreement;
import plaudit.stats.Wilson;

class VerdictTest {

  private static final Diversity VARIED = new Diversity(.3, .6, .01, 18);
  private static final Diversity NARROW = new Diversity(.2, .49, .05, 18);

  @Test
  void aModelThatBeatsTheBaseAndTheBestOfNAtItsKlIsWorthIt() {
    Verdict verdict = verdict(.3, .4, .5, true, Optional.of(bestOf(.05, .2)), VARIED);
    assertThat(verdict.worth()).isEqualTo(Worth.BETTER);
    assertThat(verdict.headline())
        .isEqualTo("Better than the base, and than the best of 64 of its texts.");
    assertThat(verdict.sentence())
        .isEqualTo(
            "Worth the tuning by this measure: its texts score +0.400 against the base's (95 %"
                + " interval over prompts +0.300 to +0.500) at KL 5.7, and +0.125 (+0.050 to"
                + " +0.200) against the best of 64 of the base, chosen by the same reward model, at"
                + " KL 3.2: no larger n was measured, so KL is not equal.");
  }

  @Test
  void oneThatTheBestOfNReachesWithoutTrainingIsNot() {
    Verdict verdict = verdict(.3, .4, .5, true, Optional.of(bestOf(-.1, .05)), VARIED);
    assertThat(verdict.worth()).isEqualTo(Worth.NO_BETTER_THAN_BEST_OF_N);
    assertThat(verdict.sentence())
        .startsWith("Not worth the tuning by this measure: its texts score +0.400")
        .contains(
            "but the best of 8 of the base, chosen by the same reward model, scores as much at")
        .contains("KL 1.2 without any training");
    assertThat(verdict(.3, .4, .5, true, Optional.of(bestOf(-.2, -.1)), NARROW).headline())
        .isEqualTo("Better than the base, but the best of 64 of its texts is better still.");
    assertThat(verdict(.3, .4, .5, true, Optional.of(bestOf(-.2, -.1)), NARROW).sentence())
        .contains(
            "Besides, distinct-2 fell from 0.600 to 0.490, and \u201cgreat\u201d is in 61 % of");
  }

  @Test
  void lostVarietyIsSaidBesideAGain() {
    Verdict verdict = verdict(.3, .4, .5, true, Optional.empty(), NARROW);
    assertThat(verdict.worth()).isEqualTo(Worth.NARROWER);
    assertThat(verdict.sentence())
        .startsWith("Worth the tuning only if variety does not matter")
        .contains("distinct-2 fell from 0.600 to 0.490");
  }

  @Test
  void itsOwnRewardModelIsNoJudge() {
    Verdict verdict = verdict(.3, .4, .5, false, Optional.empty(), VARIED);
    assertThat(verdict.worth()).isEqualTo(Worth.NOT_JUDGED);
    assertThat(verdict.sentence()).startsWith("Not known whether it is worth it");
  }

  @Test
  void anIntervalWithZeroIsNoDifferenceAndOneBelowIsWorse() {
    assertThat(verdict(-.1, .1, .3, true, Optional.empty(), VARIED).worth())
        .isEqualTo(Worth.UNCLEAR);
    assertThat(verdict(-.3, -.2, -.1, false, Optional.empty(), VARIED).worth())
        .isEqualTo(Worth.WORSE);
  }

  @Test
  void theRewardModelsAccuracyHasItsIntervalAndChance() {
    assertThat(verdict(.3, .4, .5, true, Optional.empty(), VARIED).accuracy())
        .contains("58.0 % of 100 held-out labels (95 % interval 48.2 to 67.2 %; chance 25 %)");
  }

  @Test
  void whatPeopleSayDecidesWhereTheyWereAskedAndTheRewardModelsBestOfNDoesNot() {
    Verdict own = verdict(.3, .4, .5, false, Optional.of(bestOf(-.1, .05)), VARIED);
    Verdict preferred = own.with(people(45, 64, 192));
    assertThat(preferred.worth()).isEqualTo(Worth.BETTER);
    assertThat(preferred.headline()).isEqualTo("Better than the base.");
    assertThat(preferred.sentence())
        .isEqualTo(
            "Worth the tuning by this measure: people preferred its texts to the base's in 70.3 %"
                + " of 64 pairs (95 % interval over prompts 58.2 to 80.1 %) at KL 5.7; the best of"
                + " n of the base was not put to them.");
    assertThat(own.with(people(32, 64, 192)).worth()).isEqualTo(Worth.UNCLEAR);
    assertThat(own.with(people(10, 64, 192)).worth()).isEqualTo(Worth.WORSE);
  }

  @Test
  void peopleWhoDidNotAnswerDecideNothingAndThatIsSaid() {
    ByPeople none = people(0, 0, 0);
    assertThat(none.words()).isEqualTo("no verdict: 0 of 192 answers came; ended early: time");
    assertThat(verdict(.3, .4, .5, false, Optional.empty(), VARIED).with(none).worth())
        .isEqualTo(Worth.NOT_JUDGED);
  }

  private static ByPeople people(int won, int judged, long answers) {
    return new ByPeople(
        64,
        judged,
        0,
        0,
        answers,
        192,
        Wilson.of(won, judged),
        Optional.empty(),
        Optional.empty(),
        answers < 192 ? "time" : "");
  }

  private static BestOfBase bestOf(double low, double high) {
    Estimate ahead = new Estimate((low + high) / 2, low, high);
    OptionalInt enough = low > 0 ? OptionalInt.empty() : OptionalInt.of(8);
    return new BestOfBase(
        24, 64, 64, 3.175, new Estimate(.3, .2, .4), new Estimate(.7, .6, .8), .4, ahead, enough);
  }

  private static Verdict verdict(
      double low,
      double mean,
      double high,
      boolean independent,
      Optional<BestOfBase> best,
      Diversity tuned) {
    boolean narrow = tuned.equals(NARROW);
    return new Verdict(
        "a judge",
        independent,
        new MeanDifference(96, 0, mean, .3, 1, low, high),
        new WinRate(200, 40, 48),
        new Estimate(.76, .7, .8),
        5.7,
        OptionalDouble.of(6),
        OptionalDouble.of(.4),
        new Verdict.Texts(VARIED, 3, 3, OptionalDouble.of(0)),
        new Verdict.Texts(tuned, 2.5, 2.8, OptionalDouble.of(1)),
        Optional.of(new Diversity.Word("great", .05, narrow ? .61 : .06)),
        best,
        Optional.of(new Verdict.Accuracy(new Agreement(58, 100), 4)),
        Optional.empty(),
        Optional.empty());
  }
}

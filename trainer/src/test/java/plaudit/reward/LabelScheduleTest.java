package plaudit.reward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LabelScheduleTest {

  private static final LabelSchedule PAPER =
      new LabelSchedule(2_000_000, 15_000, 60_000, 1_000, 19, 20);
  private static final LabelSchedule OFFLINE =
      new LabelSchedule(2_000_000, 5_000, 5_000, 1_000, 19, 20);

  @ParameterizedTest
  @CsvSource({
    "0, 15000",
    "200000, 23550",
    "500000, 34688",
    "1000000, 48750",
    "1500000, 57188",
    "2000000, 60000",
    "3000000, 60000"
  })
  void theLabelsWantedByAnEpisodeAreThoseOfThePaper(long episode, long labels) {
    assertThat(PAPER.labels(episode)).isEqualTo(labels);
  }

  @Test
  void theRewardModelIsTrainedTwentyTimesAtThePapersEpisodes() {
    assertThat(PAPER.trainings()).isEqualTo(20);
    assertThat(PAPER.retrainingEpisodes())
        .containsExactly(
            50_641L,
            102_633L,
            156_091L,
            211_146L,
            267_949L,
            326_680L,
            387_548L,
            450_807L,
            516_760L,
            585_786L,
            658_359L,
            735_089L,
            816_784L,
            904_555L,
            1_000_000L,
            1_105_573L,
            1_225_403L,
            1_367_544L,
            1_552_786L);
  }

  @Test
  void aTrainingIsDueAtEachEvenStepOfTheLabels() {
    assertThat(PAPER.trainingsDue(14_999)).isZero();
    assertThat(PAPER.trainingsDue(15_000)).isEqualTo(1);
    assertThat(PAPER.trainingsDue(17_249)).isEqualTo(1);
    assertThat(PAPER.trainingsDue(17_250)).isEqualTo(2);
    assertThat(PAPER.trainingsDue(60_000)).isEqualTo(20);
    assertThat(PAPER.labelsForTraining(0)).isEqualTo(15_000);
    assertThat(PAPER.labelsForTraining(19)).isEqualTo(57_750);
  }

  @Test
  void nineteenStepsPutTheLastTrainingAtTheEnd() {
    LabelSchedule schedule = new LabelSchedule(2_000_000, 15_000, 60_000, 1_000, 19, 19);

    assertThat(schedule.labelsForTraining(19)).isEqualTo(60_000);
    assertThat(schedule.retrainingEpisodes()).hasSize(19).endsWith(2_000_000L);
  }

  @Test
  void thePolicyWaitsForLateLabels() {
    assertThat(PAPER.mayPlay(200_000, 23_549)).isFalse();
    assertThat(PAPER.mayPlay(200_000, 23_550)).isTrue();
  }

  @Test
  void aThousandQuestionsAreAlwaysOut() {
    assertThat(PAPER.toAsk(0, 0, 0)).isEqualTo(16_000);
    assertThat(PAPER.toAsk(0, 15_000, 1_000)).isZero();
    assertThat(PAPER.toAsk(200_000, 23_550, 400)).isEqualTo(600);
  }

  @Test
  void aQuestionAnsweredWithoutPreferenceIsAskedAnew() {
    assertThat(PAPER.toAsk(0, 14_999, 1_000)).isEqualTo(1);
  }

  @Test
  void nothingIsAskedBeyondTheTotal() {
    assertThat(PAPER.toAsk(2_000_000, 59_500, 0)).isEqualTo(500);
    assertThat(PAPER.toAsk(2_000_000, 60_010, 0)).isZero();
  }

  @Test
  void offlineMeansOneTrainingAndNoQuestionsAfterwards() {
    assertThat(OFFLINE.trainings()).isEqualTo(1);
    assertThat(OFFLINE.retrainingEpisodes()).isEmpty();
    assertThat(OFFLINE.trainingsDue(5_000)).isEqualTo(1);
    assertThat(OFFLINE.toAsk(0, 0, 0)).isEqualTo(5_000);
    assertThat(OFFLINE.toAsk(1_000_000, 5_000, 0)).isZero();
    assertThat(OFFLINE.mayPlay(1_999_999, 5_000)).isTrue();
  }

  @Test
  void impossiblePacesAreNamed() {
    assertThatThrownBy(() -> new LabelSchedule(1, 10, 5, 0, 0, 1))
        .hasMessageStartingWith("episodes, first, total, outstanding: 1, 10, 5, 0 (expected: ");
    assertThatThrownBy(() -> new LabelSchedule(1, 5, 10, 0, 20, 19))
        .hasMessage("retrainings, divisions: 20, 19 (expected: 0 <= retrainings <= divisions)");
    assertThatThrownBy(() -> OFFLINE.labelsForTraining(1))
        .hasMessage("training: 1 (expected: 0 to 0)");
  }

  @Property
  void labelsOnlyGrowAndStayWithinTheirBounds(
      @ForAll @LongRange(min = 0, max = 1_999_999) long n,
      @ForAll @IntRange(min = 0, max = 1_000) int first,
      @ForAll @IntRange(min = 0, max = 9_000) int more) {
    LabelSchedule schedule = new LabelSchedule(2_000_000, first, first + more, 10, 19, 20);

    assertThat(schedule.labels(n)).isBetween((long) first, schedule.labels(n + 1));
    assertThat(schedule.labels(n + 1)).isLessThanOrEqualTo(first + more);
  }

  /** Whoever answers all that is asked never leaves the policy waiting for good. */
  @Property(tries = 50)
  void answeringWhatIsAskedLetsThePolicyPlay(
      @ForAll @LongRange(min = 0, max = 2_000_000) long n,
      @ForAll @IntRange(min = 0, max = 70_000) int arrived) {
    int asked = PAPER.toAsk(n, arrived, 0);

    assertThat(PAPER.mayPlay(n, arrived + asked)).isTrue();
    assertThat(PAPER.trainingsDue(arrived + asked)).isPositive();
  }
}

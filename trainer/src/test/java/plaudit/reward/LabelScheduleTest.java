package plaudit.reward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import plaudit.experience.Pace;
import plaudit.reward.LabelSchedule.Answered;
import plaudit.reward.LabelSchedule.CollectionMode;

class LabelScheduleTest {

  private static final LabelSchedule PAPER =
      schedule(15_000, 60_000, 20, CollectionMode.CONTINUOUS);
  private static final LabelSchedule OFFLINE =
      schedule(5_000, 5_000, 20, CollectionMode.CONTINUOUS);
  private static final LabelSchedule ROUNDS = schedule(15_000, 60_000, 20, CollectionMode.BATCHED);

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
    LabelSchedule schedule = schedule(15_000, 60_000, 19, CollectionMode.CONTINUOUS);

    assertThat(schedule.labelsForTraining(19)).isEqualTo(60_000);
    assertThat(schedule.retrainingEpisodes()).hasSize(19).endsWith(2_000_000L);
  }

  @Test
  void thePolicyWaitsForLateLabelsBetweenTwoUpdates() {
    // l(199680) = 23,537 and l(200192) = 23,558; updates begin at multiples of 512.
    assertThat(PAPER.pace(200_192, all(23_557), 4).episodes()).isEqualTo(200_192);
    assertThat(PAPER.pace(200_192, all(23_558), 4).episodes()).isEqualTo(200_704);
  }

  @Test
  void nothingIsPlayedBeforeTheFirstLabelsAreThere() {
    assertThat(PAPER.pace(0, all(14_999), 0).episodes()).isZero();
    assertThat(PAPER.pace(0, all(15_000), 0).episodes()).isEqualTo(512);
  }

  @Test
  void aThousandQuestionsAreAlwaysOut() {
    assertThat(asked(PAPER.pace(0, all(0), 0))).isEqualTo(16_000);
    assertThat(asked(PAPER.pace(200_000, all(23_550), 4))).isEqualTo(24_550);
  }

  @Test
  void aQuestionAnsweredWithoutPreferenceIsReplaced() {
    assertThat(asked(PAPER.pace(0, new Answered(14_990, 15_000), 0))).isEqualTo(16_010);
  }

  @Test
  void aQuestionThatSeveralPeopleAnsweredSavesOthers() {
    assertThat(asked(PAPER.pace(0, new Answered(15_000, 14_600), 0))).isEqualTo(15_600);
  }

  /** Four people who hold a task each and are silent keep nobody waiting. */
  @Test
  void sparesAreAskedBeyondTheTotalWhileLabelsAreMissing() {
    assertThat(asked(PAPER.pace(2_000_000, all(59_500), 19))).isEqualTo(61_000);
    assertThat(asked(PAPER.pace(2_000_000, all(59_996), 19))).isEqualTo(61_000);
    assertThat(asked(OFFLINE.pace(0, all(4_996), 0))).isEqualTo(6_000);
  }

  @Test
  void nothingIsAskedOnceTheTotalIsThere() {
    assertThat(asked(PAPER.pace(2_000_000, all(60_000), 20))).isEqualTo(60_000);
    assertThat(asked(PAPER.pace(2_000_000, new Answered(60_010, 60_400), 20))).isEqualTo(60_390);
    assertThat(asked(OFFLINE.pace(0, all(5_000), 0))).isEqualTo(5_000);
  }

  /** Which labels train a round would depend on who is fast. */
  @Test
  void inRoundsThereAreNoSpares() {
    assertThat(asked(ROUNDS.pace(50_688, all(17_246), 1))).isEqualTo(17_250);
  }

  @Test
  void validationQuestionsAreSpreadEvenlyOverTheEpisodes() {
    assertThat(PAPER.pace(0, all(15_000), 1).validations()).isZero();
    assertThat(PAPER.pace(1_000_000, all(50_000), 14).validations()).isEqualTo(1_125);
    assertThat(PAPER.pace(2_000_000, all(60_000), 20).validations()).isEqualTo(2_250);
  }

  @Test
  void offlineMeansOneTrainingAndNoQuestionsAfterwards() {
    assertThat(OFFLINE.trainings()).isEqualTo(1);
    assertThat(OFFLINE.retrainingEpisodes()).isEmpty();
    assertThat(OFFLINE.trainingsDue(5_000)).isEqualTo(1);
    assertThat(OFFLINE.pace(0, all(0), 0)).isEqualTo(new Pace(6_000, 0, 0));
    assertThat(OFFLINE.pace(1_000_000, all(5_000), 1))
        .isEqualTo(new Pace(5_000, 0, Pace.ALL_EPISODES));
  }

  @Test
  void inRoundsThePolicyStopsUntilTheRoundIsAnsweredAndLearned() {
    // Round 1 is due before episode 50,641: the 99th update ends at 50,688.
    assertThat(asked(ROUNDS.pace(50_176, all(15_000), 1))).isEqualTo(15_000);
    assertThat(ROUNDS.pace(50_176, all(15_000), 1).episodes()).isEqualTo(50_688);
    assertThat(asked(ROUNDS.pace(50_688, all(15_000), 1))).isEqualTo(17_250);
    assertThat(ROUNDS.pace(50_688, all(17_250), 1).episodes()).isEqualTo(50_688);
    assertThat(ROUNDS.pace(50_688, all(17_250), 2).episodes()).isEqualTo(102_912);
    assertThat(asked(ROUNDS.pace(90_000, all(17_250), 2))).isEqualTo(17_250);
  }

  @Test
  void whoWaitsForATrainingGoesOnWhenItIsDone() {
    LabelSchedule waits =
        new LabelSchedule(
            2_000_000, 512, 15_000, 60_000, 1_000, 19, 20, .05, CollectionMode.CONTINUOUS, true);
    assertThat(waits.pace(0, all(60_000), 1).episodes()).isEqualTo(50_688);
    assertThat(waits.pace(0, all(60_000), 2).episodes()).isEqualTo(102_912);
    assertThat(waits.pace(0, all(60_000), 20).episodes()).isEqualTo(Pace.ALL_EPISODES);
  }

  @Test
  void impossiblePacesAreNamed() {
    assertThatThrownBy(() -> schedule(10, 5, 20, CollectionMode.CONTINUOUS))
        .hasMessageStartingWith(
            "episodes, batch, first, total, outstanding: 2000000, 512, 10, 5, 1000 (expected: ");
    assertThatThrownBy(
            () -> new LabelSchedule(1, 1, 5, 10, 1, 20, 19, 0, CollectionMode.CONTINUOUS, false))
        .hasMessage("retrainings, divisions: 20, 19 (expected: 0 <= retrainings <= divisions)");
    assertThatThrownBy(() -> OFFLINE.labelsForTraining(1))
        .hasMessage("training: 1 (expected: 0 to 0)");
  }

  @Property
  void labelsOnlyGrowAndStayWithinTheirBounds(
      @ForAll @LongRange(min = 0, max = 1_999_999) long n,
      @ForAll @IntRange(min = 1, max = 1_000) int first,
      @ForAll @IntRange(min = 0, max = 9_000) int more) {
    LabelSchedule schedule = schedule(first, first + more, 20, CollectionMode.CONTINUOUS);

    assertThat(schedule.labels(n)).isBetween((long) first, schedule.labels(n + 1));
    assertThat(schedule.labels(n + 1)).isLessThanOrEqualTo(first + more);
  }

  /**
   * Whoever answers what is asked, but for as many tasks as there are spares, never leaves the
   * policy waiting for good, whatever the pace, and each training comes. In rounds all must be
   * answered.
   */
  @Property(tries = 300)
  void answeringWhatIsAskedLetsThePolicyPlay(
      @ForAll @IntRange(min = 1, max = 40) int updates,
      @ForAll @IntRange(min = 1, max = 64) int batch,
      @ForAll @IntRange(min = 1, max = 60) int first,
      @ForAll @IntRange(min = 0, max = 300) int more,
      @ForAll @IntRange(min = 1, max = 50) int outstanding,
      @ForAll @IntRange(min = 0, max = 50) int heldInSilence,
      @ForAll @IntRange(min = 0, max = 20) int retrainings,
      @ForAll @DoubleRange(min = 0, max = 1) double validationShare,
      @ForAll CollectionMode collection,
      @ForAll boolean waitForTraining) {
    LabelSchedule schedule =
        new LabelSchedule(
            (long) updates * batch,
            batch,
            first,
            first + more,
            outstanding,
            retrainings,
            Math.max(1, retrainings),
            validationShare,
            collection,
            waitForTraining);
    boolean rounds = collection == CollectionMode.BATCHED;
    long silent = rounds ? 0 : Math.min(heldInSilence, outstanding);
    long played = 0;
    long asked = 0;
    long answered = 0;
    int trainings = 0;
    for (int step = 0; played < schedule.episodes(); step++) {
      assertThat(step).as("steps").isLessThan(10 * (updates + retrainings + 10));
      Pace pace = schedule.pace(played, all(answered), trainings);
      asked = Math.max(asked, asked(pace));
      answered = Math.max(answered, asked - silent);
      if (trainings < schedule.trainingsDue(answered)) {
        trainings++;
      } else if (trainings > 0 && played < pace.episodes()) {
        played += batch;
      }
    }
    assertThat(asked).isLessThanOrEqualTo(first + more + (rounds ? 0 : outstanding));
    assertThat(trainings).isPositive();
  }

  private static LabelSchedule schedule(
      int first, int total, int divisions, CollectionMode collection) {
    return new LabelSchedule(
        2_000_000, 512, first, total, 1_000, 19, divisions, .05, collection, false);
  }

  private static Answered all(long labels) {
    return new Answered(labels, labels);
  }

  private static long asked(Pace pace) {
    return pace.questions() + pace.validations();
  }
}

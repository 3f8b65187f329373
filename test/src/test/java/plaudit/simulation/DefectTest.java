package plaudit.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Comparator;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** The laws are worth something: each mistake that is put in is noticed, and soon. */
class DefectTest {

  private static final long SCHEDULES = 3_000;

  @ParameterizedTest
  @EnumSource(value = Defect.class, mode = Mode.EXCLUDE, names = "NOBODY_COMPARES")
  void aMistakeIsNoticed(Defect defect) {
    OptionalLong seed = firstToNotice(Set.of(defect));
    assertThat(seed).as("a seed below %d that notices", SCHEDULES).isPresent();
    System.out.printf(
        "%-26s noticed by seed %4d: %s%n",
        defect,
        seed.getAsLong(),
        Simulation.play(seed.getAsLong(), Set.of(defect)).broken().orElseThrow().getMessage());
  }

  /** Behind the book that watches the ledger there is a second line. */
  @ParameterizedTest
  @CsvSource({
    "FORGETS_DELIVERIES, a trajectory is learned from once",
    "IGNORES_STALENESS, hard staleness bound",
    "ADMITS_TOO_MUCH, admission",
    "IGNORES_PACE, the policy waits for labels",
    "BEGINS_WITHOUT_A_WORD, the policy waits for labels",
    "LOSES_OVERDUE_WORK, work has one holder",
    "COUNTS_QUESTIONS_TWICE, the run ends"
  })
  void whatComesOfAMistakeIsNoticedToo(Defect defect, String law) {
    Set<Defect> defects = Set.of(defect, Defect.NOBODY_COMPARES);
    assertThat(LongStream.range(0, SCHEDULES).mapToObj(seed -> Simulation.play(seed, defects)))
        .anySatisfy(
            outcome -> assertThat(outcome.broken().map(Broken::law).orElse("")).isEqualTo(law));
  }

  @Test
  void aFailureIsShrunkToTheFaultsThatMatterAndToldWithTheWayToSeeItAgain() {
    Set<Defect> defects = Set.of(Defect.FOLLOWS_ONCE);
    PropertyFailure failure =
        noticing(defects)
            .limit(5)
            .mapToObj(each -> PropertyFailure.of(each, defects))
            .min(Comparator.comparing(PropertyFailure::needed))
            .orElseThrow();
    long seed = failure.seed();
    assertThat(failure.needed()).isPositive().isLessThan(failure.faults()).isLessThanOrEqualTo(5);
    assertThat(failure.report())
        .contains("seed " + seed + " breaks a law: ")
        .contains("-Dsimulation.seed=" + seed)
        .contains("-Dsimulation.without=" + Faults.ranges(failure.without()));
    assertThat(Faults.numbers(Faults.ranges(failure.without()))).isEqualTo(failure.without());
  }

  private static OptionalLong firstToNotice(Set<Defect> defects) {
    return noticing(defects).findFirst();
  }

  private static LongStream noticing(Set<Defect> defects) {
    return LongStream.range(0, SCHEDULES)
        .filter(seed -> Simulation.play(seed, defects).broken().isPresent());
  }
}

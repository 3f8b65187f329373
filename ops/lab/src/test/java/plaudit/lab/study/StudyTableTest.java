package plaudit.lab.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import plaudit.lab.study.RunResult.End;
import plaudit.lab.study.RunResult.Point;
import plaudit.lab.study.RunResult.Training;

class StudyTableTest {

  private static final Arm ARM =
      new Arm("offline-8", "8 labels, offline", new Arm.Teacher.Labels(8, 8), Map.of());

  @Test
  void numbersAreMeansOverTheSeedsWithTheirSpread() {
    StudyTable.Row row =
        StudyTable.rows(List.of(ARM), List.of(run(1, 1, -1), run(2, 2, 30), run(3, 6, 20)), 2)
            .get(0);

    assertThat(row.runs()).isEqualTo(3);
    assertThat(row.rs()).isCloseTo(3, within(1e-12));
    assertThat(row.spread()).isCloseTo(Math.sqrt(7), within(1e-12));
    assertThat(row.ownReward()).as("mean of the last two updates").isCloseTo(2.5, within(1e-12));
    assertThat(row.tripwires()).isEqualTo(2);
    assertThat(row.tripwireUpdate()).isEqualTo(20);
    assertThat(StudyTable.markdown(List.of(row)))
        .contains("| 8 labels, offline | 3 | +3.00 ± 2.65 | 5.0 | +2.50 | 40.0 |")
        .contains("| 25.0 % | 8 | 60 % | 2 of 3, update 20 |");
  }

  @Test
  void oneRunHasNoSpread() {
    assertThat(StudyTable.markdown(StudyTable.rows(List.of(ARM), List.of(run(1, 1, -1)), 2)))
        .contains("| 1 | +1.00 | 5.0 |");
  }

  @Test
  void anArmWithoutRunsHasNoRow() {
    assertThat(StudyTable.rows(List.of(ARM), List.of(), 2)).isEmpty();
  }

  private static RunResult run(int seed, double rs, int tripwire) {
    List<Point> points = List.of(point(1), point(2), point(3));
    return new RunResult(
        "offline-8",
        seed,
        points,
        new End(rs, 5, 40, .2, .6, .75, 9, List.of(), .04),
        List.of(new Training(1, 4, .3), new Training(2, 8, .6)),
        tripwire,
        "",
        1);
  }

  private static Point point(int update) {
    return new Point(update, 0, update, 1, .1, 40, .9, 1, 8);
  }
}

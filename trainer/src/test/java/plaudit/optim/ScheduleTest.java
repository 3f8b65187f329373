package plaudit.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static plaudit.optim.Schedule.Shape.CONSTANT;
import static plaudit.optim.Schedule.Shape.COSINE;
import static plaudit.optim.Schedule.Shape.LINEAR;

import org.junit.jupiter.api.Test;

class ScheduleTest {

  @Test
  void linearFallsFromTheRateToZeroAtTheEnd() {
    Schedule schedule = new Schedule(LINEAR, 1e-5, 0, 1954);

    assertThat(schedule.at(0)).isEqualTo(1e-5);
    assertThat(schedule.at(977)).isCloseTo(5e-6, within(1e-15));
    assertThat(schedule.at(1953)).isCloseTo(1e-5 / 1954, within(1e-15));
    assertThat(schedule.at(1954)).isZero();
    assertThat(schedule.at(9999)).isZero();
  }

  @Test
  void constantStays() {
    assertThat(new Schedule(CONSTANT, 2, 0, 10).at(9)).isEqualTo(2);
  }

  @Test
  void cosineIsHalfWayInTheMiddle() {
    Schedule schedule = new Schedule(COSINE, 2, 0, 10);

    assertThat(schedule.at(0)).isEqualTo(2);
    assertThat(schedule.at(5)).isCloseTo(1, within(1e-12));
    assertThat(schedule.at(10)).isCloseTo(0, within(1e-12));
  }

  @Test
  void warmUpClimbsToTheFullRateAndNeverStartsAtZero() {
    Schedule schedule = new Schedule(LINEAR, 3, 2, 12);

    assertThat(schedule.at(0)).isEqualTo(1);
    assertThat(schedule.at(1)).isEqualTo(2);
    assertThat(schedule.at(2)).isEqualTo(3);
    assertThat(schedule.at(7)).isEqualTo(1.5);
  }

  @Test
  void shapesAreNamedInAnyCase() {
    assertThat(Schedule.Shape.named("Cosine")).contains(COSINE);
    assertThat(Schedule.Shape.named("cubic")).isEmpty();
  }

  @Test
  void badNumbersAreNamed() {
    assertThatThrownBy(() -> new Schedule(LINEAR, 0, 0, 1)).hasMessage("rate: 0.0 (expected: > 0)");
    assertThatThrownBy(() -> new Schedule(LINEAR, 1, 5, 5))
        .hasMessage("warmUp, total: 5, 5 (expected: 0 <= warmUp < total)");
    assertThatThrownBy(() -> new Schedule(LINEAR, 1, 0, 5).at(-1))
        .hasMessage("index: -1 (expected: >= 0)");
  }
}

package plaudit.eval.report;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import org.junit.jupiter.api.Test;

class AxisTest {

  @Test
  void ticksAreRoundNumbers() {
    Axis axis = Axis.around(-.55, 1.9, 4);

    assertThat(axis.ticks().stream().map(axis::label)).containsExactly("\u22121", "0", "1", "2");
  }

  @Test
  void smallScalesKeepTheirDigits() {
    Axis axis = Axis.around(0, 1e-5, 4);

    assertThat(axis.ticks().stream().map(axis::label))
        .containsExactly("0", "5e\u22126", "1e\u22125");
  }

  @Test
  void aConstantHasAScaleAroundIt() {
    assertThat(Axis.around(3, 3, 4).position(3)).isBetween(.2, .8);
    assertThat(Axis.around(0, 0, 4).position(0)).isBetween(.2, .8);
    assertThat(Axis.within(5, 5, 4).position(5)).isEqualTo(.5);
  }

  @Property
  void everyValueLiesOnItsScaleAndTicksAreFew(
      @ForAll @DoubleRange(min = -1e6, max = 1e6) double a,
      @ForAll @DoubleRange(min = -1e6, max = 1e6) double b) {
    Axis axis = Axis.around(Math.min(a, b), Math.max(a, b), 4);

    assertThat(axis.position(a)).isBetween(-1e-9, 1 + 1e-9);
    assertThat(axis.position(b)).isBetween(-1e-9, 1 + 1e-9);
    assertThat(axis.ticks().size()).isBetween(2, 7);
  }
}

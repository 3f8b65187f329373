package plaudit.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import plaudit.cli.doctor.Finding.Verdict;

class LimitsTest {

  private static final long GIB = 1L << 30;

  @Test
  void javaMustBe17() {
    assertThat(Limits.java(17, "17.0.9").verdict()).isEqualTo(Verdict.OK);
    assertThat(Limits.java(11, "11.0.2"))
        .isEqualTo(Finding.fail("java", "11.0.2 (expected: 17 or newer)"));
  }

  @Test
  void littleOfAThingIsAWarningAndTooLittleAFailure() {
    assertThat(Limits.heap(GIB / 4).verdict()).isEqualTo(Verdict.FAIL);
    assertThat(Limits.heap(GIB).verdict()).isEqualTo(Verdict.WARN);
    assertThat(Limits.heap(2 * GIB).verdict()).isEqualTo(Verdict.OK);
    assertThat(Limits.memory(GIB).verdict()).isEqualTo(Verdict.FAIL);
    assertThat(Limits.memory(4 * GIB).verdict()).isEqualTo(Verdict.WARN);
    assertThat(Limits.memory(8 * GIB).verdict()).isEqualTo(Verdict.OK);
    assertThat(Limits.disk("/", GIB / 2).verdict()).isEqualTo(Verdict.FAIL);
    assertThat(Limits.disk("/", 2 * GIB).verdict()).isEqualTo(Verdict.WARN);
    assertThat(Limits.disk("/", 9 * GIB).verdict()).isEqualTo(Verdict.OK);
    assertThat(Limits.cores(1).verdict()).isEqualTo(Verdict.WARN);
    assertThat(Limits.cores(2).verdict()).isEqualTo(Verdict.OK);
  }

  @Test
  void sizesAreReadable() {
    assertThat(Limits.size(3 * GIB / 2)).isEqualTo("1.5 GiB");
    assertThat(Limits.size(GIB / 2)).isEqualTo("512 MiB");
  }
}

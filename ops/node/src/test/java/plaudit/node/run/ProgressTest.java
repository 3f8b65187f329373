package plaudit.node.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProgressTest {

  @Test
  void aLineSaysEverythingThatIsKnown() {
    Progress progress =
        new Progress(
            "learning",
            12,
            120,
            "updates",
            OptionalDouble.of(31.26),
            OptionalDouble.of(1),
            Optional.of(512L),
            OptionalDouble.of(-0.25),
            OptionalDouble.of(3.456),
            OptionalDouble.of(6),
            OptionalDouble.of(0.15),
            Optional.of(Duration.ofSeconds(187)));

    assertThat(progress.line())
        .isEqualTo(
            "learning  12/120 updates  31.3 rollouts/s  staleness 1.0  512 labels"
                + "  reward -0.250  KL 3.46/6.00  beta 0.1500  ETA 3m07s");
  }

  @Test
  void whatIsNotKnownYetIsLeftOut() {
    assertThat(Progress.counted("collecting labels", 3, 0, "labels", Optional.empty()).line())
        .isEqualTo("collecting labels  3 labels");
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0s",
    "59, 59s",
    "60, 1m00s",
    "3599, 59m59s",
    "3600, 1h00m",
    "86399, 23h59m",
    "86400, 1d00h",
    "273600, 3d04h",
    "-5, 0s"
  })
  void durationsAreShort(long seconds, String shown) {
    assertThat(Progress.clock(Duration.ofSeconds(seconds))).isEqualTo(shown);
  }
}

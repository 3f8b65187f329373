package plaudit.lab.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import plaudit.experience.Batch;
import plaudit.experience.Prompt;
import plaudit.experience.Trajectory;
import plaudit.tokens.Tokens;

class ThroughputRecorderTest {

  @Test
  void throughputIsCountedBetweenTwoUpdatesAndNotFromTheStart() {
    ThroughputRecorder tape = new ThroughputRecorder(new ThroughputRecorder.Limits(2, 2, 0));

    assertThat(tape.add(100, batch(0, 0, 0))).isFalse(); // warm
    assertThat(tape.add(110, batch(1, 0, 0))).isFalse(); // the first mark
    assertThat(tape.add(111, batch(2, 0, 2))).isFalse();
    assertThat(tape.add(112, batch(3, 1, 1))).isTrue();

    assertThat(tape.measured()).isEqualTo(2);
    assertThat(tape.seconds()).isEqualTo(2);
    assertThat(tape.throughput()).isEqualTo(4 / 2.0);
  }

  @Test
  void agesAreOfWhatWasMeasured() {
    ThroughputRecorder tape = new ThroughputRecorder(new ThroughputRecorder.Limits(1, 2, 0));
    tape.add(1, batch(9, 0, 0));
    tape.add(2, batch(10, 8, 10));
    tape.add(3, batch(11, 7, 11));

    assertThat(tape.staleness()).isCloseTo((2 + 0 + 4 + 0) / 4.0, within(1e-12));
    assertThat(tape.oldest()).isEqualTo(4);
  }

  @Test
  void aMeasurementTakesAsLongAsItIsTold() {
    ThroughputRecorder tape = new ThroughputRecorder(new ThroughputRecorder.Limits(0, 1, 10));

    assertThat(tape.add(0, batch(0, 0, 0))).isFalse();
    assertThat(tape.add(9.9, batch(1, 0, 0))).isFalse();
    assertThat(tape.add(10, batch(2, 0, 0))).isTrue();
  }

  @Test
  void limitsThatMeasureNothingAreRefused() {
    assertThatThrownBy(() -> new ThroughputRecorder.Limits(0, 0, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected");
  }

  /** A batch for {@code version} of one trajectory of each of these versions. */
  private static Batch batch(long version, long... versions) {
    List<Trajectory> all =
        IntStream.range(0, versions.length)
            .mapToObj(i -> Payload.score(Payload.write(prompt(i), 1, versions[i])).get(0))
            .toList();
    return new Batch(version, all);
  }

  private static List<Prompt> prompt(int id) {
    return List.of(new Prompt(id, Tokens.of(1)));
  }
}

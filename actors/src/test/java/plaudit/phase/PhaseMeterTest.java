package plaudit.phase;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.MockClock;
import io.micrometer.core.instrument.simple.SimpleConfig;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PhaseMeterTest {

  private enum Day {
    AT_WORK,
    ASLEEP
  }

  private final MockClock clock = new MockClock();
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry(SimpleConfig.DEFAULT, clock);

  @Test
  void everyPartTellsItsOwnPhaseInWords() {
    PhaseMeter<Day> one = new PhaseMeter<>(registry, "one", Day.ASLEEP);
    new PhaseMeter<>(registry, "other", Day.ASLEEP);

    one.is(Day.AT_WORK);

    assertThat(one.now()).isEqualTo(Day.AT_WORK);
    assertThat(PhaseMeter.all(registry))
        .containsEntry("one", "at work")
        .containsEntry("other", "asleep")
        .hasSize(2);
  }

  @Test
  void aPartThatIsStartedAgainIsShownInPlaceOfTheFirst() {
    PhaseMeter<Day> first = new PhaseMeter<>(registry, "one", Day.ASLEEP);
    first.is(Day.AT_WORK);
    PhaseMeter<Day> second = new PhaseMeter<>(registry, "one", Day.ASLEEP);

    assertThat(PhaseMeter.all(registry)).containsExactly(Map.entry("one", "asleep"));
    second.is(Day.AT_WORK);
    clock.add(Duration.ofSeconds(5));
    assertThat(PhaseMeter.all(registry)).containsExactly(Map.entry("one", "at work"));
    assertThat(seconds("at work")).isEqualTo(5);
  }

  @Test
  void timeIsCountedToThePhaseItWasSpentIn() {
    PhaseMeter<Day> meter = new PhaseMeter<>(registry, "one", Day.ASLEEP);
    clock.add(Duration.ofSeconds(8));
    meter.is(Day.AT_WORK);
    clock.add(Duration.ofSeconds(3));
    meter.is(Day.ASLEEP);
    clock.add(Duration.ofSeconds(1));

    assertThat(seconds("asleep")).isEqualTo(9);
    assertThat(seconds("at work")).isEqualTo(3);
  }

  private double seconds(String phase) {
    return registry.get("plaudit.phase.time").tag("phase", phase).functionCounter().count();
  }
}

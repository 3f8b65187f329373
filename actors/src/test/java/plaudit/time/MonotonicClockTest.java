package plaudit.time;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class MonotonicClockTest {

  private static final Instant NOON = Instant.parse("2026-11-30T12:00:00Z");

  @Test
  void aStepOfTheWallClockIsNoTimeThatPassed() {
    AtomicReference<Instant> wall = new AtomicReference<>(NOON);
    AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 1); // it may begin anywhere, and wrap
    InstantSource clock = new MonotonicClock(wall::get, nanos::get);

    wall.set(NOON.plus(Duration.ofHours(2)));
    nanos.addAndGet(Duration.ofSeconds(3).toNanos());
    assertThat(clock.instant()).isEqualTo(NOON.plusSeconds(3));

    wall.set(NOON.minus(Duration.ofHours(2)));
    nanos.addAndGet(Duration.ofSeconds(3).toNanos());
    assertThat(clock.instant()).isEqualTo(NOON.plusSeconds(6));
  }

  @Test
  void theClockOfTheProcessBeganWithTheWallClock() {
    assertThat(Duration.between(MonotonicClock.PROCESS.instant(), Instant.now()).abs())
        .isLessThan(Duration.ofSeconds(5));
  }
}

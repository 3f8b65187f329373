package plaudit.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class RateLimitTest {

  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  @Test
  void aBurstPassesAndThenOnePerInterval() {
    RateLimit limit = new RateLimit(2, 3);
    for (int i = 0; i < 3; i++) {
      assertThat(limit.take("a", START).allowed()).isTrue();
    }
    assertThat(limit.take("a", START)).isEqualTo(new RateLimit.Decision(false, 0, 1));
    assertThat(limit.take("b", START).allowed()).isTrue();
    assertThat(limit.take("a", START.plusMillis(500)).allowed()).isTrue();
    assertThat(limit.take("a", START.plusMillis(600)).allowed()).isFalse();
  }

  @Test
  void manyAtOnceCountAsMany() {
    RateLimit limit = new RateLimit(10, 20);
    assertThat(limit.take("a", 15, START).allowed()).isTrue();
    assertThat(limit.take("a", 6, START)).isEqualTo(new RateLimit.Decision(false, 5, 1));
    assertThat(limit.take("a", 5, START).allowed()).isTrue();
  }

  @Test
  void moreThanABucketHoldsAreTakenFromAFullOneThatOwesTheRest() {
    RateLimit limit = new RateLimit(10, 20);
    assertThat(limit.take("a", 50, START).allowed()).isTrue();
    assertThat(limit.take("a", START)).isEqualTo(new RateLimit.Decision(false, 0, 4));
    assertThat(limit.take("a", START.plusMillis(3099)).allowed()).isFalse();
    assertThat(limit.take("a", START.plusMillis(3100)).allowed()).isTrue();
  }

  @Test
  void ofManyCallersTheLeastRecentIsForgotten() {
    RateLimit limit = new RateLimit(1, 1);
    for (int i = 0; i <= RateLimit.MANY; i++) {
      limit.take("caller " + i, START);
    }
    assertThat(limit.take("caller 1", START).allowed()).isFalse();
    assertThat(limit.take("caller 0", START).allowed()).isTrue();
  }

  @Property
  void neverMoreThanTheBurstAndTheRatePass(
      @ForAll @IntRange(min = 1, max = 20) int rate,
      @ForAll @IntRange(min = 1, max = 20) int burst,
      @ForAll @Size(max = 200) List<@IntRange(min = 0, max = 300) Integer> gaps) {
    RateLimit limit = new RateLimit(rate, burst);
    Instant now = START;
    int passed = 0;
    for (int gap : gaps) {
      now = now.plusMillis(gap);
      if (limit.take("a", now).allowed()) {
        passed++;
      }
      double seconds = Duration.between(START, now).toMillis() / 1000.0;
      assertThat((double) passed).isLessThanOrEqualTo(burst + rate * seconds + 1e-6);
    }
  }
}

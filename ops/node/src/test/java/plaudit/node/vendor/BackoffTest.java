package plaudit.node.vendor;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class BackoffTest {

  @Property(tries = 200)
  void pausesDoubleUpToTenSeconds(@ForAll @IntRange(min = 1, max = 1000) int failures) {
    Duration pause = Backoff.pause(failures, Optional.empty(), new SplittableRandom(failures));

    long whole = Math.min(10_000, 200L << Math.min(failures - 1, 10));
    assertThat(pause.toMillis()).isBetween(whole / 2, whole);
  }

  @Property(tries = 50)
  void theServerKnowsBetter(@ForAll @IntRange(max = 99_999) int seconds) {
    Duration pause = Backoff.pause(3, Optional.of(" " + seconds), new SplittableRandom(seconds));

    assertThat(pause.toMillis()).isBetween(1000L * seconds, 1000L * seconds + 200);
  }

  @Property(tries = 50)
  void whatIsNoNumberOfSecondsIsNotObeyed(@ForAll String retryAfter) {
    Optional<String> header = Optional.of(retryAfter + "!");

    assertThat(Backoff.pause(1, header, new SplittableRandom(1)))
        .isLessThanOrEqualTo(Duration.ofMillis(200));
  }
}

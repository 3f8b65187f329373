package plaudit.node.vendor;

import java.time.Duration;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * How long to wait before a request is sent again: what the server says, or else doubling from a
 * fifth of a second to ten seconds, jittered by half so that many clients do not come back at once.
 */
final class Backoff {

  private static final long FIRST_MILLIS = 200;
  private static final long LAST_MILLIS = 10_000;

  private Backoff() {}

  /**
   * The pause before the next try.
   *
   * @param failures how often the request has failed, from 1
   * @param retryAfter the header's value, in seconds; anything else in it is not understood
   */
  static Duration pause(int failures, Optional<String> retryAfter, RandomGenerator random) {
    Optional<Duration> asked =
        retryAfter
            .map(String::strip)
            .filter(value -> value.matches("[0-9]{1,5}"))
            .map(value -> Duration.ofSeconds(Long.parseLong(value)));
    if (asked.isPresent()) {
      return asked.get().plusMillis(random.nextLong(FIRST_MILLIS));
    }
    long doubled = Math.min(LAST_MILLIS, FIRST_MILLIS << Math.min(failures - 1, 10));
    return Duration.ofMillis(doubled / 2 + random.nextLong(doubled / 2 + 1));
  }
}

package plaudit.experience.actor;

import java.time.Duration;
import java.time.Instant;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * When to look whether a lease has run out: at the earliest that is known of. One that rings too
 * early finds nothing, and is set anew.
 */
final class LeaseAlarm {

  private static final Duration SHORTEST = Duration.ofMillis(1);

  private final Consumer<Duration> timer;
  private @Nullable Instant set;

  /**
   * An alarm that is not set.
   *
   * @param timer rings after this time, and takes the place of one that has not rung yet
   */
  LeaseAlarm(Consumer<Duration> timer) {
    this.timer = timer;
  }

  /** A lease runs out at {@code expiry}; nothing is to be done if the alarm rings before it. */
  void ringAt(Instant expiry, Instant now) {
    if (set == null || expiry.isBefore(set)) {
      set = expiry;
      Duration left = Duration.between(now, expiry);
      timer.accept(left.compareTo(SHORTEST) < 0 ? SHORTEST : left);
    }
  }

  /** It has rung. */
  void rang() {
    set = null;
  }
}

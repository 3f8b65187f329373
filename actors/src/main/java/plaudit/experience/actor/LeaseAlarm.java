package plaudit.experience.actor;

import java.time.Duration;
import java.time.Instant;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Sets a timer for the earliest known expiry of a lease. If that lease has ended meanwhile, the
 * alarm rings early, and is set again.
 */
final class LeaseAlarm {

  private static final Duration SHORTEST = Duration.ofMillis(1);

  private final Consumer<Duration> timer;
  private @Nullable Instant set;

  /**
   * An alarm that is not set.
   *
   * @param timer starts a timer, in place of one that has not rung yet
   */
  LeaseAlarm(Consumer<Duration> timer) {
    this.timer = timer;
  }

  /** Makes the alarm ring at {@code expiry} or before. */
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

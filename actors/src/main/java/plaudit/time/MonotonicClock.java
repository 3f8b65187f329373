package plaudit.time;

import java.time.Instant;
import java.time.InstantSource;
import java.util.function.LongSupplier;

/**
 * Time that passes evenly: the wall clock as it was when the process began, and what has passed
 * since. A step of the wall clock (a correction by hand, a virtual machine that was restored) ends
 * no lease and no time limit. Its instants mean something within this process; what other processes
 * compare, as the times in a database, and what people read are the wall clock's.
 */
public final class MonotonicClock implements InstantSource {

  /** One for the whole process, so that all instants can be compared. */
  public static final InstantSource PROCESS =
      new MonotonicClock(InstantSource.system(), System::nanoTime);

  private final LongSupplier nanos;
  private final Instant begun;
  private final long beganAt;

  MonotonicClock(InstantSource wall, LongSupplier nanos) {
    this.nanos = nanos;
    this.begun = wall.instant();
    this.beganAt = nanos.getAsLong();
  }

  @Override
  public Instant instant() {
    return begun.plusNanos(nanos.getAsLong() - beganAt);
  }
}

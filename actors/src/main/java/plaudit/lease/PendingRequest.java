package plaudit.lease;

/**
 * A request that is repeated at the ticks of a timer until it is answered, but not at each of them:
 * the wait doubles with each repetition. A message that was lost is soon sent again, and one that
 * stalls has few repetitions queued behind it. Counts ticks and knows no clock. Not thread-safe.
 */
public final class PendingRequest {

  private final int longestWait;
  private int wait;
  private int ticksLeft;

  /**
   * A request that was not sent yet.
   *
   * @param longestWait ticks between two repetitions, at most
   */
  public PendingRequest(int longestWait) {
    this.longestWait = longestWait;
  }

  /** Time passes. */
  public void tick() {
    ticksLeft = Math.max(0, ticksLeft - 1);
  }

  /** Whether it is to be sent now; if so, it counts as sent. */
  public boolean send() {
    if (ticksLeft > 0) {
      return false;
    }
    wait = Math.min(Math.max(1, 2 * wait), longestWait);
    ticksLeft = wait;
    return true;
  }

  /** It was answered: the next one may be sent at once. */
  public void answered() {
    wait = 0;
    ticksLeft = 0;
  }
}

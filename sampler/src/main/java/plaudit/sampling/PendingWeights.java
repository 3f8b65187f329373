package plaudit.sampling;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Where the next policy version waits for the thread that samples. One at a time: a newer one takes
 * the place of one that was not taken. Any thread may call.
 */
public final class PendingWeights implements AutoCloseable {

  private final AtomicReference<@Nullable Candidate> next = new AtomicReference<>();

  /** This is the next from now on. */
  void offer(Candidate candidate) {
    closeIfAny(next.getAndSet(candidate));
  }

  /** Whether somebody waits. */
  public boolean isWaiting() {
    return next.get() != null;
  }

  /** The next version, which is the caller's now. */
  Optional<Candidate> take() {
    return Optional.ofNullable(next.getAndSet(null));
  }

  /** The next version, if it may follow {@code version} between two tokens. */
  Optional<Candidate> takeInFlight(long version) {
    Candidate candidate = next.get();
    boolean may =
        candidate != null
            && candidate.inFlight()
            && candidate.version() > version
            && next.compareAndSet(candidate, null);
    return may ? Optional.ofNullable(candidate) : Optional.empty();
  }

  /** Whoever waits is not needed any more. */
  @Override
  public void close() {
    closeIfAny(next.getAndSet(null));
  }

  private static void closeIfAny(@Nullable Candidate candidate) {
    if (candidate != null) {
      candidate.close();
    }
  }
}

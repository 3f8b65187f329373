package plaudit.node.vendor;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A stop that is given once and wakes every waiting thread. Threads are not interrupted, because an
 * interrupted thread could not hand its task back.
 */
final class StopSignal {

  private final CompletableFuture<Void> given = new CompletableFuture<>();

  void give() {
    given.complete(null);
  }

  boolean isGiven() {
    return given.isDone();
  }

  /** Waits for {@code time}, less if the signal comes; whether it came. */
  boolean await(Duration time) throws InterruptedException {
    try {
      given.get(time.toNanos(), TimeUnit.NANOSECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Waits until {@code work} has ended in any way or the signal comes; whether it came first. */
  boolean awaitUnless(CompletableFuture<?> work) throws InterruptedException {
    try {
      CompletableFuture.anyOf(work, given).get();
    } catch (ExecutionException e) {
      // The work failed: its owner asks it how.
    }
    return given.isDone() && !work.isDone();
  }
}

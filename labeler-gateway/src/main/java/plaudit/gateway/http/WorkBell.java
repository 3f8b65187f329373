package plaudit.gateway.http;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Wakes requests that wait for tasks, without a thread for each. */
final class WorkBell {

  private final AtomicInteger waiting = new AtomicInteger();
  private CompletableFuture<Boolean> next = new CompletableFuture<>();

  /** Wakes everybody who waits now. */
  void ring() {
    CompletableFuture<Boolean> rung;
    synchronized (this) {
      rung = next;
      next = new CompletableFuture<>();
    }
    rung.complete(true);
  }

  /** The next ring; taken before looking for work, no ring in between is missed. */
  synchronized CompletableFuture<Boolean> next() {
    return next;
  }

  /** Completes at the ring or when the time is over. */
  CompletionStage<Boolean> await(CompletableFuture<Boolean> ring, Duration atMost) {
    waiting.incrementAndGet();
    long millis = Math.max(1, atMost.toMillis());
    return ring.copy()
        .completeOnTimeout(false, millis, TimeUnit.MILLISECONDS)
        .thenApply(
            rung -> {
              waiting.decrementAndGet();
              return rung;
            });
  }

  /** How many wait. */
  int waiting() {
    return waiting.get();
  }
}

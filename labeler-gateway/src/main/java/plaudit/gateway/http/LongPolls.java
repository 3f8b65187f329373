package plaudit.gateway.http;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Requests that wait for tasks, without a thread for each. */
final class LongPolls {

  private final AtomicInteger waiting = new AtomicInteger();
  private CompletableFuture<Boolean> next = new CompletableFuture<>();

  /** Wakes every request that waits now. */
  void wake() {
    CompletableFuture<Boolean> woken;
    synchronized (this) {
      woken = next;
      next = new CompletableFuture<>();
    }
    woken.complete(true);
  }

  /** The next wake-up; taken before looking for work, so that none in between is missed. */
  synchronized CompletableFuture<Boolean> next() {
    return next;
  }

  /** Completes at the wake-up, or with false when the time is over. */
  CompletionStage<Boolean> await(CompletableFuture<Boolean> wake, Duration atMost) {
    waiting.incrementAndGet();
    long millis = Math.max(1, atMost.toMillis());
    return wake.copy()
        .completeOnTimeout(false, millis, TimeUnit.MILLISECONDS)
        .thenApply(
            woken -> {
              waiting.decrementAndGet();
              return woken;
            });
  }

  /** How many requests wait. */
  int waiting() {
    return waiting.get();
  }
}

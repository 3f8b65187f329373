package plaudit.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class ComputeThreadTest {

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final ComputeThread thread = new ComputeThread("test");

  @Test
  void workInProgressIsCancelledAndTheEndIsAwaited() throws InterruptedException {
    CountDownLatch begun = new CountDownLatch(1);
    CompletableFuture<Object> endless =
        thread.run(
            () -> {
              while (true) {
                begun.countDown();
                ComputeThread.check();
              }
            });
    CompletableFuture<Boolean> behind =
        thread.run(
            () -> {
              ComputeThread.check();
              return true;
            });
    begun.await();
    AtomicBoolean last = new AtomicBoolean();
    thread.closeAfter(
        () -> {
          ComputeThread.check();
          last.set(true);
        });
    assertThat(ComputeThread.awaitClosed(PATIENCE)).isTrue();
    assertThatThrownBy(endless::join)
        .isInstanceOf(CompletionException.class)
        .hasCauseInstanceOf(CancellationException.class);
    assertThat(behind).isCompletedExceptionally();
    assertThat(last).isTrue();
  }

  @Test
  void workThatDoesNotAskIsWaitedForNoLongerThanAllowed() throws InterruptedException {
    CountDownLatch release = new CountDownLatch(1);
    CompletableFuture<Boolean> deaf =
        thread.run(
            () -> {
              try {
                release.await();
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
              return true;
            });
    thread.close();
    assertThat(ComputeThread.awaitClosed(Duration.ofMillis(1))).isFalse();
    release.countDown();
    assertThat(ComputeThread.awaitClosed(PATIENCE)).isTrue();
    assertThat(deaf.join()).isTrue();
  }

  @Test
  void aThreadThatItsPredecessorClosesIsAwaitedToo() throws InterruptedException {
    ComputeThread second = new ComputeThread("second");
    second.run(() -> true).join();
    CountDownLatch closed = new CountDownLatch(1);
    thread.closeAfter(() -> second.closeAfter(closed::countDown));
    assertThat(ComputeThread.awaitClosed(PATIENCE)).isTrue();
    assertThat(closed.getCount()).isZero();
  }

  /** Threads of others go on, and so does one that is none of them. */
  @Test
  void onlyAClosedThreadIsAsked() throws InterruptedException {
    assertThat(thread.run(() -> "goes on").join()).isEqualTo("goes on");
    assertThat(ComputeThread.awaitClosed(PATIENCE)).isTrue();
    ComputeThread.check();
    thread.close();
  }
}

package plaudit.compute;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The one thread on which an actor computes with a network, so that the actor never blocks.
 *
 * <p>A process must not end while a thread is in native code: the libraries' memory goes first, and
 * the thread ends the process with SIGSEGV. So work in progress when the thread is closed fails at
 * its next {@link #check}, and {@link #awaitClosed} waits until it has.
 */
public final class ComputeThread implements AutoCloseable {

  /** Those whose thread runs. */
  private static final Set<ComputeThread> RUNNING = ConcurrentHashMap.newKeySet();

  private static final ThreadLocal<@Nullable ComputeThread> CURRENT = new ThreadLocal<>();

  private final ExecutorService executor;
  private volatile boolean closed;

  /** A thread of this name. */
  public ComputeThread(String name) {
    this.executor =
        Executors.newSingleThreadExecutor(
            worker -> {
              RUNNING.add(this);
              Thread thread = new Thread(() -> run(worker), name);
              thread.setDaemon(true);
              return thread;
            });
  }

  private void run(Runnable worker) {
    CURRENT.set(this);
    try {
      worker.run();
    } finally {
      RUNNING.remove(this);
    }
  }

  /**
   * To be called before each call of native code.
   *
   * @throws CancellationException if this is a compute thread that was closed
   */
  public static void check() {
    ComputeThread current = CURRENT.get();
    if (current != null && current.closed) {
      throw new CancellationException("the node ends");
    }
  }

  /**
   * Waits until the closed threads of this process, and those that they close, have ended.
   *
   * @return whether they have
   */
  public static boolean awaitClosed(Duration atMost) throws InterruptedException {
    long end = System.nanoTime() + atMost.toNanos();
    while (true) {
      ComputeThread next = RUNNING.stream().filter(it -> it.closed).findAny().orElse(null);
      if (next == null) {
        return true;
      }
      if (!next.executor.awaitTermination(end - System.nanoTime(), TimeUnit.NANOSECONDS)) {
        return false;
      }
      RUNNING.remove(next);
    }
  }

  /** Runs {@code work} after all work handed in before. */
  public <T> CompletableFuture<T> run(Supplier<T> work) {
    return CompletableFuture.supplyAsync(work, executor);
  }

  /** Cancels work in progress, then runs {@code last}, which may call native code. */
  public void closeAfter(Runnable last) {
    closed = true;
    executor.execute(
        () -> {
          CURRENT.remove();
          last.run();
        });
    executor.shutdown();
  }

  /** Cancels work in progress. */
  @Override
  public void close() {
    closed = true;
    executor.shutdown();
  }
}

package plaudit.compute;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/** The one thread on which an actor computes with a network, so that the actor never blocks. */
public final class ComputeThread implements AutoCloseable {

  private final ExecutorService executor;

  /** A thread of this name. */
  public ComputeThread(String name) {
    this.executor =
        Executors.newSingleThreadExecutor(
            task -> {
              Thread thread = new Thread(task, name);
              thread.setDaemon(true);
              return thread;
            });
  }

  /** Runs {@code work} after all work handed in before. */
  public <T> CompletableFuture<T> run(Supplier<T> work) {
    return CompletableFuture.supplyAsync(work, executor);
  }

  /** Runs {@code last} after all work handed in before, and takes no more. */
  public void closeAfter(Runnable last) {
    executor.execute(last);
    executor.shutdown();
  }

  @Override
  public void close() {
    executor.shutdown();
  }
}

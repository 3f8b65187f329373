package plaudit.gateway.http;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * Where work that waits for the database is done, off the threads that serve connections.
 *
 * @param threads may block
 */
record Blocking(Executor threads) {

  <T> CompletableFuture<T> run(Supplier<T> work) {
    return CompletableFuture.supplyAsync(work, threads);
  }
}

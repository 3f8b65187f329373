package plaudit.rewards;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import plaudit.scoring.RewardSource;

/** Waits for all answers of a batch without a thread. */
final class Answered {

  private Answered() {}

  /** Tells {@code receiver} the scores that {@code make} has of all parts, or the first failure. */
  static <T> void when(
      List<CompletableFuture<T>> parts,
      RewardSource.Receiver receiver,
      Function<List<T>, float[]> make) {
    CompletableFuture<float[]> ignored =
        CompletableFuture.allOf(parts.toArray(CompletableFuture<?>[]::new))
            .thenApply(done -> make.apply(parts.stream().map(CompletableFuture::join).toList()))
            .whenComplete(
                (scores, failure) -> {
                  if (failure == null) {
                    receiver.scored(scores);
                  } else {
                    Throwable cause =
                        failure instanceof CompletionException && failure.getCause() != null
                            ? failure.getCause()
                            : failure;
                    receiver.failed(
                        cause instanceof RuntimeException known
                            ? known
                            : new IllegalStateException(cause));
                  }
                });
  }
}

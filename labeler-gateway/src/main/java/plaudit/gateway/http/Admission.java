package plaudit.gateway.http;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import plaudit.gateway.http.AdmissionQueue.Waiting;
import plaudit.gateway.http.AdmissionQueue.Work;

/**
 * The way to the database's threads: jobs wait in an {@link AdmissionQueue}, not in the threads'
 * own. Each job gives the threads one turn; a turn does whatever is most urgent by then.
 *
 * <p>A job that finds no place is refused when it would have waited as long as it may: a client
 * that asks again at once after each refusal would otherwise use up the processors with refusals
 * alone.
 */
final class Admission {

  private interface Job {
    void run();

    void refuse(Problem.Refusal refusal);
  }

  private final AdmissionQueue<Job> queue;
  private final Executor threads;
  private final BiConsumer<Duration, Runnable> later;
  private final Map<Work, GatewaySettings.Bound> bounds;
  private final LongSupplier nanos;
  private final GatewayMeters meters;

  /**
   * In front of {@code threads}.
   *
   * @param later runs something short after a time
   * @param nanos a clock that never goes back
   */
  Admission(
      Map<Work, GatewaySettings.Bound> bounds,
      Executor threads,
      BiConsumer<Duration, Runnable> later,
      LongSupplier nanos,
      GatewayMeters meters) {
    this.queue = new AdmissionQueue<>(bounds);
    this.bounds = Map.copyOf(bounds);
    this.threads = threads;
    this.later = later;
    this.nanos = nanos;
    this.meters = meters;
    for (Work work : Work.values()) {
      meters.queued(work, this, admission -> admission.size(work));
    }
  }

  /**
   * Runs {@code job} on one of the threads when its turn comes.
   *
   * @return fails with a {@link Problem.Refusal}, and the job is never begun, when too much waits
   */
  <T> CompletionStage<T> submit(Work work, Supplier<T> job) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    Job waiting =
        new Job() {
          @Override
          public void run() {
            try {
              answer.complete(job.get());
            } catch (RuntimeException | Error e) {
              answer.completeExceptionally(e);
            }
          }

          @Override
          public void refuse(Problem.Refusal refusal) {
            answer.completeExceptionally(refusal);
          }
        };
    boolean placed;
    synchronized (queue) {
      placed = queue.offer(work, waiting, nanos.getAsLong());
    }
    if (placed) {
      threads.execute(this::turn);
    } else {
      meters.turnedAway(work, "full");
      later.accept(requireNonNull(bounds.get(work)).longest(), () -> waiting.refuse(refusal(work)));
    }
    refuseLate();
    return answer;
  }

  /** Refuses what waited too long; also called now and then when no thread is free. */
  void refuseLate() {
    List<Waiting<Job>> late;
    synchronized (queue) {
      late = queue.late(nanos.getAsLong());
    }
    refuse(late);
  }

  private void turn() {
    AdmissionQueue.Turn<Job> turn;
    long now;
    synchronized (queue) {
      now = nanos.getAsLong();
      turn = queue.next(now);
    }
    refuse(turn.late());
    Waiting<Job> next = turn.next();
    if (next != null) {
      meters.waited(next.work(), Duration.ofNanos(now - next.since()));
      next.job().run();
    }
  }

  private void refuse(List<Waiting<Job>> late) {
    for (Waiting<Job> waiting : late) {
      meters.turnedAway(waiting.work(), "late");
      waiting.job().refuse(refusal(waiting.work()));
    }
  }

  private Problem.Refusal refusal(Work work) {
    long seconds;
    synchronized (queue) {
      seconds = queue.retrySeconds(work);
    }
    return Problem.of(
            Problem.Kind.TEMPORARY_REDUCED_CAPACITY,
            "more is asked than can be done now; nothing was done (expected: again after %d s)"
                .formatted(seconds))
        .with("retryAfter", seconds)
        .thrown();
  }

  private int size(Work work) {
    synchronized (queue) {
      return queue.size(work);
    }
  }
}

package plaudit.gateway.http;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Requests that wait for tasks, in the order in which they came. Waiting costs neither a thread nor
 * a look into the database. A request looks when it comes, unless its labeler found nothing before
 * and nothing has changed since. {@link #wake} lets as many look as there are tasks, those that
 * came first; one that finds nothing keeps its place and does not look again before the next
 * change.
 *
 * @param <A> what is waited for
 */
final class LongPolls<A> {

  /** How many look at once: enough to keep the database busy. */
  static final int LOOKING = 32;

  /** How many more may look for a task that the first did not get. */
  static final int PASSES = 4;

  private static final int MOST_LOOKS = 10_000;
  private static final long NEVER = -1;

  /** One request. Its fields are guarded by the lock of the polls. */
  private static final class Waiter<A> {
    private final long number;
    private final Object who;
    private final Supplier<CompletionStage<Optional<A>>> look;
    private final CompletableFuture<Optional<A>> answer = new CompletableFuture<>();
    private long lookedAt;
    private long looksAt = NEVER;
    private boolean over;

    private Waiter(
        long number, Object who, long lookedAt, Supplier<CompletionStage<Optional<A>>> look) {
      this.number = number;
      this.who = who;
      this.lookedAt = lookedAt;
      this.look = look;
    }
  }

  private final int most;

  /** Who has not looked yet. */
  private final NavigableSet<Waiter<A>> fresh = byNumber();

  /** Who has not looked since the last change. */
  private final NavigableSet<Waiter<A>> stale = byNumber();

  /** Who knows that there is nothing. */
  private final NavigableSet<Waiter<A>> current = byNumber();

  /** Who found nothing, and at which change; the least recent are forgotten. */
  private final Map<Object, Long> nothing;

  private long change;
  private long numbers;
  private int looking;

  /** How many of the stale may look, and how many more after those that find nothing. */
  private int looks;

  private int passes;

  /** A look was refused: no request looks until something happens. */
  private boolean stalled;

  private boolean closed;

  /** Where at most {@code most} requests wait. */
  LongPolls(int most) {
    this.most = most;
    this.nothing =
        new LinkedHashMap<>(16, 0.75f, true) {
          @Override
          protected boolean removeEldestEntry(Map.Entry<Object, Long> eldest) {
            return size() > 2 * most;
          }
        };
  }

  private static <A> NavigableSet<Waiter<A>> byNumber() {
    return new TreeSet<>(Comparator.comparingLong(waiter -> waiter.number));
  }

  /**
   * A place among those who wait.
   *
   * @param answer what was found; empty when the time was over first; fails as the look failed, and
   *     with a problem when there was no opportunity to look
   * @param leave gives the place up; what a look in progress finds is the answer all the same
   */
  record Place<A>(CompletionStage<Optional<A>> answer, Runnable leave) {}

  /**
   * Waits.
   *
   * @param who the labeler
   * @param look looks for tasks; empty when there are none for this labeler; fails with {@link
   *     Problem.Refusal} when it should be tried again
   * @throws Problem.Refusal when too many wait
   */
  Place<A> await(Object who, Duration atMost, Supplier<CompletionStage<Optional<A>>> look) {
    Waiter<A> waiter;
    boolean home;
    synchronized (this) {
      if (present() >= most) {
        throw crowded("%d requests wait for tasks (expected: fewer)".formatted(most));
      }
      waiter = new Waiter<>(numbers++, who, nothing.getOrDefault(who, NEVER), look);
      (waiter.lookedAt == change ? current : fresh).add(waiter);
      home = closed;
    }
    if (home) {
      leave(waiter);
    }
    lookNow(); // before its time begins: who may look at once does so, however short that is
    CompletableFuture<Boolean> timer =
        new CompletableFuture<Boolean>()
            .completeOnTimeout(true, Math.max(1, atMost.toMillis()), TimeUnit.MILLISECONDS);
    CompletionStage<Boolean> over = timer;
    over.thenRun(() -> leave(waiter));
    CompletionStage<Optional<A>> answer = waiter.answer;
    answer.whenComplete((found, failure) -> timer.cancel(false));
    return new Place<>(answer, () -> leave(waiter));
  }

  /** Something changed, and {@code tasks} may be had. */
  void wake(int tasks) {
    synchronized (this) {
      change++;
      stale.addAll(current);
      current.clear();
    }
    again(tasks);
  }

  /** {@code tasks} may be had that those who looked since the last change did not take. */
  void again(int tasks) {
    synchronized (this) {
      looks = Math.min(MOST_LOOKS, looks + tasks);
      passes = Math.min(MOST_LOOKS, passes + PASSES * tasks);
      stalled = false;
    }
    lookNow();
  }

  /** Sends everybody home who waits or comes. */
  void close() {
    List<Waiter<A>> all = new ArrayList<>();
    synchronized (this) {
      closed = true;
      all.addAll(fresh);
      all.addAll(stale);
      all.addAll(current);
    }
    all.forEach(this::leave);
  }

  /** How many requests are here. */
  synchronized int present() {
    return fresh.size() + stale.size() + current.size() + looking;
  }

  /** How many requests wait that have found nothing. */
  synchronized int waiting() {
    return stale.size() + current.size();
  }

  private void leave(Waiter<A> waiter) {
    boolean idle;
    synchronized (this) {
      waiter.over = true;
      idle = fresh.remove(waiter) || stale.remove(waiter) || current.remove(waiter);
    }
    if (idle) {
      home(waiter);
    }
  }

  private void lookNow() {
    List<Waiter<A>> chosen = new ArrayList<>();
    synchronized (this) {
      while (!stalled && looking < LOOKING) {
        Waiter<A> next = looks > 0 ? stale.pollFirst() : null;
        looks = next == null ? 0 : looks - 1; // without stale ones everybody knows
        next = next == null ? fresh.pollFirst() : next;
        if (next == null) {
          break;
        }
        next.looksAt = change;
        looking++;
        chosen.add(next);
      }
    }
    for (Waiter<A> waiter : chosen) {
      waiter
          .look
          .get()
          .whenComplete(
              (found, failure) ->
                  looked(waiter, failure == null ? found : Optional.empty(), failure));
    }
  }

  private void looked(Waiter<A> waiter, Optional<A> found, @Nullable Throwable failure) {
    boolean refused = failure != null && RequestPipeline.cause(failure) instanceof Problem.Refusal;
    boolean none = failure == null && found.isEmpty();
    boolean home;
    synchronized (this) {
      looking--;
      stalled = refused;
      if (none) {
        waiter.lookedAt = waiter.looksAt;
        nothing.put(waiter.who, waiter.lookedAt);
        if (passes > 0) {
          passes--;
          looks++;
        }
      }
      home = (none || refused) && waiter.over;
      if ((none || refused) && !home) {
        back(waiter);
      }
    }
    if (home) {
      home(waiter);
    } else if (found.isPresent()) {
      waiter.answer.complete(found);
    } else if (failure != null && !refused) {
      waiter.answer.completeExceptionally(failure);
    }
    lookNow();
  }

  private void back(Waiter<A> waiter) {
    if (waiter.lookedAt == change) {
      current.add(waiter);
    } else if (waiter.lookedAt == NEVER) {
      fresh.add(waiter);
    } else {
      stale.add(waiter);
    }
  }

  private static <A> void home(Waiter<A> waiter) {
    if (waiter.lookedAt == NEVER) {
      waiter.answer.completeExceptionally(crowded("too many ask for tasks (expected: later)"));
    } else {
      waiter.answer.complete(Optional.empty());
    }
  }

  private static Problem.Refusal crowded(String detail) {
    return Problem.of(Problem.Kind.TEMPORARY_REDUCED_CAPACITY, detail)
        .with("retryAfter", 2)
        .thrown();
  }
}

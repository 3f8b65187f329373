package plaudit.gateway.http;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import plaudit.gateway.http.GatewaySettings.Bound;

/**
 * The rule of admission: which of the waiting jobs is done next, and which are refused. Jobs of one
 * kind are done in their order; a kind's jobs go before those of every later kind. A job is refused
 * when its kind has no place left, or when it waited longer than its kind may. All times are
 * nanoseconds of one clock that never goes back.
 *
 * @param <T> a job
 */
final class AdmissionQueue<T> {

  /** What is asked for, the most urgent first. */
  enum Work {
    /** The run is stopped. */
    STOP,
    /** Work comes back: judged, amended, skipped, flagged, released, extended. */
    JUDGMENT,
    /** Work goes out. */
    LEASE,
    /** Something is looked up. */
    LIST
  }

  /** A job that waits since a time. */
  record Waiting<T>(Work work, T job, long since) {}

  /**
   * What is to be done now.
   *
   * @param late waited too long: to be refused
   * @param next to be done, if anything is
   */
  record Turn<T>(List<Waiting<T>> late, @Nullable Waiting<T> next) {}

  private static final double SMOOTHING = 0.1;
  private static final double FIRST_GUESS_NANOS = 5e6;
  private static final long LONGEST_RETRY_SECONDS = 30;

  private final Map<Work, Bound> bounds;
  private final Map<Work, ArrayDeque<Waiting<T>>> queues = new EnumMap<>(Work.class);

  /** Refused jobs that are expected to come again: they count as if they waited. */
  private final Map<Work, Integer> owed = new EnumMap<>(Work.class);

  /** Mean time between two jobs begun while more waited. */
  private double interval = FIRST_GUESS_NANOS;

  private boolean backlog;
  private long lastTaken;

  /**
   * With a bound for each kind that has one.
   *
   * @param bounds a kind without one is never refused
   */
  AdmissionQueue(Map<Work, Bound> bounds) {
    this.bounds = Map.copyOf(bounds);
    for (Work work : Work.values()) {
      queues.put(work, new ArrayDeque<>());
      owed.put(work, 0);
    }
  }

  /** Gives a job a place; false if there is none. */
  boolean offer(Work work, T job, long now) {
    ArrayDeque<Waiting<T>> queue = queue(work);
    Bound bound = bounds.get(work);
    if (bound != null && queue.size() >= bound.places()) {
      owe(work, 1);
      return false;
    }
    queue.add(new Waiting<>(work, job, now));
    return true;
  }

  /** Takes out what waited too long. */
  List<Waiting<T>> late(long now) {
    List<Waiting<T>> late = new ArrayList<>();
    bounds.forEach(
        (work, bound) -> {
          ArrayDeque<Waiting<T>> queue = queue(work);
          while (!queue.isEmpty() && now - queue.peek().since() > bound.longest().toNanos()) {
            late.add(queue.remove());
            owe(work, 1);
          }
        });
    return late;
  }

  /** Takes out what waited too long and what is next. */
  Turn<T> next(long now) {
    List<Waiting<T>> late = late(now);
    for (Work work : Work.values()) {
      Waiting<T> next = queue(work).poll();
      if (next != null) {
        taken(work, now);
        return new Turn<>(late, next);
      }
    }
    backlog = false;
    return new Turn<>(late, null);
  }

  private void taken(Work work, long now) {
    if (backlog) {
      interval += SMOOTHING * (now - lastTaken - interval);
    }
    lastTaken = now;
    backlog = queues.values().stream().anyMatch(queue -> !queue.isEmpty());
    owe(work, queue(work).isEmpty() ? Integer.MIN_VALUE : -1);
  }

  /** When a refused job may come again: as long as all before it will take, 1 to 30 s. */
  long retrySeconds(Work work) {
    long before = 0;
    for (Work earlier : Work.values()) {
      if (earlier.compareTo(work) <= 0) {
        before += queue(earlier).size() + owed.getOrDefault(earlier, 0);
      }
    }
    long seconds = 1 + (long) (before * interval / 1e9);
    return Math.min(LONGEST_RETRY_SECONDS, seconds);
  }

  /** How many jobs of a kind wait. */
  int size(Work work) {
    return queue(work).size();
  }

  private void owe(Work work, int more) {
    owed.merge(work, more, (old, change) -> (int) Math.max(0, (long) old + change));
  }

  private ArrayDeque<Waiting<T>> queue(Work work) {
    return queues.computeIfAbsent(work, absent -> new ArrayDeque<>());
  }
}

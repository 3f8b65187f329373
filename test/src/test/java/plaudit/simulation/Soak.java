package plaudit.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import plaudit.simulation.Simulation.Outcome;

/**
 * Many schedules, one seed after the other.
 *
 * @param schedules that were played
 * @param broken seeds that broke a law, the smallest ones
 * @param worst virtual milliseconds from the end of a storm to the end of its run
 */
record Soak(
    long schedules,
    long events,
    long faults,
    long worst,
    double seconds,
    List<Long> broken,
    EventCounts tally) {

  /** As many failures are looked for, no more. */
  private static final int ENOUGH = 5;

  /**
   * Plays seeds from {@code first} until one of the limits is reached.
   *
   * @param most schedules
   * @param seconds of real time
   */
  static Soak run(long first, long most, double seconds, int threads) throws InterruptedException {
    AtomicLong next = new AtomicLong(first);
    long start = System.nanoTime();
    ExecutorService workers = Executors.newFixedThreadPool(threads);
    try {
      List<Future<Soak>> shares = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        shares.add(workers.submit(() -> share(next, first + most, start, seconds)));
      }
      Soak whole = share(new AtomicLong(), 0, start, 0);
      for (Future<Soak> share : shares) {
        whole = whole.and(share.get());
      }
      return whole;
    } catch (ExecutionException e) {
      throw new IllegalStateException("the soak itself failed", e.getCause());
    } finally {
      workers.shutdownNow();
    }
  }

  private static Soak share(AtomicLong next, long end, long start, double limit) {
    long schedules = 0;
    long events = 0;
    long faults = 0;
    long worst = 0;
    List<Long> broken = new ArrayList<>();
    EventCounts tally = new EventCounts();
    double passed = 0;
    for (long seed = next.getAndIncrement();
        seed < end && passed < limit && broken.size() < ENOUGH;
        seed = next.getAndIncrement()) {
      Outcome outcome = Simulation.play(seed, Set.of());
      schedules++;
      events += outcome.events();
      faults += outcome.faults();
      worst = Math.max(worst, outcome.afterStorm());
      tally.addAll(outcome.tally());
      if (outcome.broken().isPresent()) {
        broken.add(seed);
      }
      passed = (System.nanoTime() - start) / 1e9;
    }
    return new Soak(schedules, events, faults, worst, passed, broken, tally);
  }

  private Soak and(Soak other) {
    List<Long> both = new ArrayList<>(broken);
    both.addAll(other.broken);
    EventCounts sum = new EventCounts();
    sum.addAll(tally);
    sum.addAll(other.tally);
    return new Soak(
        schedules + other.schedules,
        events + other.events,
        faults + other.faults,
        Math.max(worst, other.worst),
        Math.max(seconds, other.seconds),
        both.stream().sorted().toList(),
        sum);
  }

  /** In words. */
  String report() {
    StringBuilder report = new StringBuilder();
    report.append(
        String.format(
            Locale.ROOT,
            "%,d schedules, %,d events, %,d faults in %.1f s: %,.0f schedules a second;"
                + " the slowest run ended %.1f virtual seconds after its storm%n",
            schedules,
            events,
            faults,
            seconds,
            schedules / seconds,
            worst / 1000.));
    tally
        .counts()
        .forEach((what, n) -> report.append(String.format(Locale.ROOT, "%,14d  %s%n", n, what)));
    return report.toString();
  }
}

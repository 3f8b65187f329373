package plaudit.node;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Where the time of one update went, read off the meters of this process: what {@code plaudit plan}
 * plans with. A stage that did nothing since the last look is left out.
 */
final class StageTimes {

  private final MeterRegistry registry;
  private final Map<String, Double> before = new HashMap<>();
  private Instant last;

  /** Times from {@code begin} on. */
  StageTimes(MeterRegistry registry, Instant begin) {
    this.registry = registry;
    this.last = begin;
  }

  /**
   * Since the last look: mean seconds by metric name, and each role's share of the time. Work
   * counts when it is done, so one share may be above 1; their mean is right.
   */
  Map<String, Number> sinceLast(Instant now) {
    Map<String, Number> times = new LinkedHashMap<>();
    double passed = Math.max(1e-3, Duration.between(last, now).toNanos() / 1e9);
    last = now;
    busy(times, "busy/sampler", passed, "plaudit.sampler.generation");
    busy(times, "busy/scorer", passed, "plaudit.scorer.scoring");
    busy(times, "busy/learner", passed, "plaudit.policy.learning", "plaudit.policy.publishing");
    perRollout(times, "time/generation", "plaudit.sampler.generation", "plaudit.sampler.rollouts");
    perRollout(times, "time/scoring", "plaudit.scorer.scoring", "plaudit.scorer.rollouts");
    perEvent(times, "time/learning", "plaudit.policy.learning");
    perEvent(times, "time/publishing", "plaudit.policy.publishing");
    perEvent(times, "time/loading", "plaudit.sampler.loading");
    return times;
  }

  private void busy(Map<String, Number> times, String name, double passed, String... timers) {
    double seconds = 0;
    for (String timer : timers) {
      seconds += change("busy " + timer, seconds(timer));
    }
    times.put(name, seconds / passed);
  }

  private void perRollout(Map<String, Number> times, String name, String timer, String counter) {
    put(times, name, change(timer + ".seconds", seconds(timer)), change(counter, count(counter)));
  }

  private void perEvent(Map<String, Number> times, String name, String timer) {
    double events = registry.find(timer).timers().stream().mapToDouble(Timer::count).sum();
    put(times, name, change(timer + ".seconds", seconds(timer)), change(timer + ".count", events));
  }

  private static void put(Map<String, Number> times, String name, double seconds, double events) {
    if (events > 0) {
      times.put(name, seconds / events);
    }
  }

  private double seconds(String timer) {
    return registry.find(timer).timers().stream()
        .mapToDouble(t -> t.totalTime(TimeUnit.SECONDS))
        .sum();
  }

  private double count(String counter) {
    return registry.find(counter).counters().stream().mapToDouble(Counter::count).sum();
  }

  private double change(String key, double now) {
    Double last = before.put(key, now);
    return now - (last == null ? 0 : last);
  }
}

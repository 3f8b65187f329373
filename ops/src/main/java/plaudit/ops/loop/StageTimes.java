package plaudit.ops.loop;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
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

  StageTimes(MeterRegistry registry) {
    this.registry = registry;
  }

  /** Mean seconds since the last look, by metric name. */
  Map<String, Number> sinceLast() {
    Map<String, Number> times = new LinkedHashMap<>();
    perRollout(times, "time/generation", "plaudit.sampler.generation", "plaudit.sampler.rollouts");
    perRollout(times, "time/scoring", "plaudit.scorer.scoring", "plaudit.scorer.rollouts");
    perEvent(times, "time/learning", "plaudit.policy.learning");
    perEvent(times, "time/publishing", "plaudit.policy.publishing");
    perEvent(times, "time/loading", "plaudit.sampler.loading");
    return times;
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

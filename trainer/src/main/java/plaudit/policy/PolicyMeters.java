package plaudit.policy;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;

/** What the policy learner counts; every number of an update is also a gauge. */
public final class PolicyMeters {

  final Counter updates;
  final Timer learning;
  final Timer publishing;

  private final MeterRegistry registry;
  private final Map<String, AtomicReference<Double>> gauges = new ConcurrentHashMap<>();

  /** Registers the meters. */
  public PolicyMeters(MeterRegistry registry) {
    this.registry = registry;
    this.updates =
        Counter.builder("plaudit.policy.updates")
            .description("Policy updates made since the start of the run")
            .register(registry);
    this.learning =
        Timer.builder("plaudit.policy.learning")
            .description("Time of one update's epochs")
            .register(registry);
    this.publishing =
        Timer.builder("plaudit.policy.publishing")
            .description("Time to write one version's weights")
            .register(registry);
  }

  /** A resumed run has made updates already. */
  void resumedAt(long version) {
    updates.increment((double) version);
  }

  void report(UpdateReport report) {
    updates.increment();
    report
        .numbers()
        .forEach(
            (name, value) ->
                gauges
                    .computeIfAbsent(
                        name,
                        key ->
                            registry.gauge(
                                gauge(key), new AtomicReference<>(0.0), AtomicReference::get))
                    .set(value));
  }

  /** Prometheus takes a name's {@code _total} for a counter's. */
  private static String gauge(String metric) {
    return "plaudit."
        + metric.replace("score_total", "total_score").replace('/', '.').replace('_', '.');
  }
}

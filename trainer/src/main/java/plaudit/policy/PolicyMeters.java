package plaudit.policy;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import plaudit.phase.PhaseMeter;

/** What the policy learner counts; every number of an update is also a gauge. */
public final class PolicyMeters {

  /** What the learner does. */
  public enum Phase {
    STARTING,
    WAITING_FOR_A_BATCH,
    LEARNING,
    CHECKPOINTING,
    PUBLISHING,
    /** A labeler has stopped the run. */
    HELD
  }

  final Counter updates;
  public final Timer learning;
  public final Timer publishing;
  public final PhaseMeter<Phase> phase;

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
    this.phase = new PhaseMeter<>(registry, "policy learner", Phase.STARTING);
  }

  /** A resumed run has made updates already. */
  public void resumedAt(long version) {
    updates.increment((double) version);
  }

  public void report(UpdateReport report) {
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

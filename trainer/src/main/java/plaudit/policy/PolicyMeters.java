package plaudit.policy;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.Map;
import java.util.Objects;
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

  private static final String MEBIBYTES = "_mib";

  final Counter updates;
  public final Timer learning;
  public final Timer publishing;
  public final PhaseMeter<Phase> phase;

  private final Counter watched;
  private final Counter stopped;
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
    this.watched = tripwires(registry, "watch");
    this.stopped = tripwires(registry, "stop");
    this.phase = new PhaseMeter<>(registry, "policy learner", Phase.STARTING);
  }

  /** What the tripwires say of the newest update. */
  public void judged(Tripwires.Verdict verdict) {
    if (verdict instanceof Tripwires.Verdict.Watch) {
      watched.increment();
    } else if (verdict instanceof Tripwires.Verdict.Stop) {
      stopped.increment();
    }
  }

  private static Counter tripwires(MeterRegistry registry, String verdict) {
    return Counter.builder("plaudit.policy.tripwires")
        .description("Updates that were out of a tripwire's bounds, by what followed")
        .tag("verdict", verdict)
        .register(registry);
  }

  /** A resumed run has made updates already. */
  public void resumedAt(long version) {
    updates.increment((double) version);
  }

  public void report(UpdateReport report) {
    updates.increment();
    report.numbers().forEach((name, value) -> gauges.computeIfAbsent(name, this::gauge).set(value));
  }

  private AtomicReference<Double> gauge(String metric) {
    AtomicReference<Double> value = new AtomicReference<>(0.0);
    boolean mebibytes = metric.endsWith(MEBIBYTES); // Prometheus has bytes
    double factor = mebibytes ? 1 << 20 : 1;
    Gauge.builder(
            meter(mebibytes ? metric.replace(MEBIBYTES, "") : metric),
            value,
            it -> factor * Objects.requireNonNull(it.get()))
        .description(metric + " of the newest update, see docs/metrics.md")
        .baseUnit(mebibytes ? "bytes" : null)
        .register(registry);
    return value;
  }

  /** Prometheus takes a name's {@code _total} for a counter's. */
  private static String meter(String metric) {
    return "plaudit."
        + metric
            .replace("score_total", "total_score")
            .replace("loss/total", "total/loss")
            .replace('/', '.')
            .replace('_', '.');
  }
}

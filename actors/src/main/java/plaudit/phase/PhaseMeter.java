package plaudit.phase;

import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * The phase that one part of a node is in, as two meters: {@code plaudit.phase} is 1 for the
 * current phase and 0 for the others, {@code plaudit.phase.time} is the time spent in each, in
 * seconds. The rate of the second is the share of its time that a part works, or waits.
 * Thread-safe.
 *
 * @param <E> the part's phases; their names, in lower case and with spaces, are what is shown
 */
public final class PhaseMeter<E extends Enum<E>> {

  private static final String NOW = "plaudit.phase";
  private static final String TIME = "plaudit.phase.time";
  private static final String PART = "part";
  private static final String PHASE = "phase";
  private static final double NANOS = 1e9;

  private final Clock clock;
  private final EnumMap<E, Long> spent;
  private E now;
  private long since;

  /**
   * A part that begins with {@code first}. In the registry it replaces an earlier part of its name.
   *
   * @param part as it is shown
   */
  public PhaseMeter(MeterRegistry registry, String part, E first) {
    this.clock = registry.config().clock();
    this.spent = new EnumMap<>(first.getDeclaringClass());
    this.now = first;
    this.since = clock.monotonicTime();
    for (String name : List.of(NOW, TIME)) {
      registry.find(name).tag(PART, part).meters().forEach(registry::remove);
    }
    for (E phase : first.getDeclaringClass().getEnumConstants()) {
      Gauge.builder(NOW, this, meter -> meter.now() == phase ? 1 : 0)
          .description("1 for the phase that a part of the node is in")
          .tag(PART, part)
          .tag(PHASE, words(phase))
          .strongReference(true)
          .register(registry);
      FunctionCounter.builder(TIME, this, meter -> meter.seconds(phase))
          .description("Time that a part of the node has spent in a phase")
          .baseUnit("seconds")
          .tag(PART, part)
          .tag(PHASE, words(phase))
          .register(registry);
    }
  }

  /** The part is in {@code phase} from now on. */
  public synchronized void is(E phase) {
    long moment = clock.monotonicTime();
    spent.merge(now, moment - since, Long::sum);
    since = moment;
    now = phase;
  }

  /** The current phase. */
  public synchronized E now() {
    return now;
  }

  /** The total time spent in {@code phase}, in seconds. */
  synchronized double seconds(E phase) {
    long running = phase == now ? clock.monotonicTime() - since : 0;
    return (spent.getOrDefault(phase, 0L) + running) / NANOS;
  }

  /**
   * The phase of each part in a registry, by the part's name. A part that changes its phase while
   * this reads may be missing.
   */
  public static Map<String, String> all(MeterRegistry registry) {
    Map<String, String> phases = new TreeMap<>();
    for (Gauge gauge : registry.find(NOW).gauges()) {
      if (gauge.value() == 1) {
        phases.put(
            String.valueOf(gauge.getId().getTag(PART)),
            String.valueOf(gauge.getId().getTag(PHASE)));
      }
    }
    return phases;
  }

  private static String words(Enum<?> phase) {
    return phase.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }
}

package plaudit.phase;

import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * What one part of a node does now, as two meters: {@code plaudit.phase} is 1 for the phase it is
 * in and 0 for its others, {@code plaudit.phase.time} is how many seconds it has spent in each. The
 * second one's rate is the share of its time that a part works, or waits. Safe to use from many
 * threads.
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
   * A part that begins with {@code first}.
   *
   * @param part as it is shown; one of its name in a registry
   */
  public PhaseMeter(MeterRegistry registry, String part, E first) {
    this.clock = registry.config().clock();
    this.spent = new EnumMap<>(first.getDeclaringClass());
    this.now = first;
    this.since = clock.monotonicTime();
    for (E phase : first.getDeclaringClass().getEnumConstants()) {
      Gauge.builder(NOW, this, meter -> meter.now() == phase ? 1 : 0)
          .description("1 for what a part of the node does now")
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

  /** From now on it does this. */
  public synchronized void is(E phase) {
    long moment = clock.monotonicTime();
    spent.merge(now, moment - since, Long::sum);
    since = moment;
    now = phase;
  }

  /** What it does. */
  public synchronized E now() {
    return now;
  }

  /** How long it has been in {@code phase}, all times together. */
  synchronized double seconds(E phase) {
    long running = phase == now ? clock.monotonicTime() - since : 0;
    return (spent.getOrDefault(phase, 0L) + running) / NANOS;
  }

  /**
   * What every part in a registry does, by the part's name. One that goes from one phase to the
   * next at this very moment may be missing.
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

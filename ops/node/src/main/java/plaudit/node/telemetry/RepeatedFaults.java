package plaudit.node.telemetry;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.turbo.TurboFilter;
import ch.qos.logback.core.spi.FilterReply;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Marker;
import org.slf4j.MarkerFactory;

/**
 * Keeps one fault from filling the disk: of warnings and errors that say the same (by logger,
 * level, message without its numbers, and kind of exception) the first ten in a minute are logged.
 * A line says afterwards how many more there were.
 */
public final class RepeatedFaults extends TurboFilter {

  static final int AT_ONCE = 10;
  static final Duration WINDOW = Duration.ofMinutes(1);

  private static final int KEPT = 1000;
  private static final int SHOWN = 120;
  private static final Marker COUNT = MarkerFactory.getMarker("REPEATED");

  private final LongSupplier nanos;
  private final Map<String, Fault> faults =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Fault> eldest) {
          return size() > KEPT;
        }
      };

  private static final class Fault {
    private final Logger logger;
    private final Level level;
    private final String message;
    private long since;
    private int seen;

    private Fault(Logger logger, Level level, String message, long since) {
      this.logger = logger;
      this.level = level;
      this.message = message;
      this.since = since;
    }
  }

  /** A line to be logged about faults that were not. */
  private record Count(Fault fault, int more) {
    void log() {
      Object[] values = {more, fault.message};
      fault.logger.log(
          COUNT,
          Logger.class.getName(),
          Level.toLocationAwareLoggerInteger(fault.level),
          "[{}] more like: {}",
          values,
          null);
    }
  }

  /** Made by Logback. */
  public RepeatedFaults() {
    this(System::nanoTime);
  }

  RepeatedFaults(LongSupplier nanos) {
    this.nanos = nanos;
  }

  @Override
  public FilterReply decide(
      @Nullable Marker marker,
      Logger logger,
      Level level,
      @Nullable String format,
      Object @Nullable [] params,
      @Nullable Throwable t) {
    if (format == null || marker == COUNT || !level.isGreaterOrEqual(Level.WARN)) {
      return FilterReply.NEUTRAL;
    }
    String kind = t == null ? "" : t.getClass().getName();
    String key = String.join(" ", logger.getName(), level.toString(), kind, shape(format));
    List<Count> over = new ArrayList<>();
    boolean shown;
    synchronized (faults) {
      long now = nanos.getAsLong();
      Fault fault = faults.computeIfAbsent(key, k -> new Fault(logger, level, cut(format), now));
      if (now - fault.since > WINDOW.toNanos()) {
        begin(fault, now, over);
      }
      fault.seen++;
      shown = fault.seen <= AT_ONCE;
    }
    over.forEach(Count::log);
    return shown ? FilterReply.NEUTRAL : FilterReply.DENY;
  }

  /** Logs what has not been told yet of faults that came too often. */
  void tell() {
    List<Count> over = new ArrayList<>();
    synchronized (faults) {
      faults.values().forEach(fault -> begin(fault, nanos.getAsLong(), over));
    }
    over.forEach(Count::log);
  }

  private static void begin(Fault fault, long now, List<Count> over) {
    if (fault.seen > AT_ONCE) {
      over.add(new Count(fault, fault.seen - AT_ONCE));
    }
    fault.seen = 0;
    fault.since = now;
  }

  private static String shape(String format) {
    return cut(format).replaceAll("[0-9]+", "#");
  }

  private static String cut(String text) {
    return text.substring(0, Math.min(SHOWN, text.length()));
  }
}

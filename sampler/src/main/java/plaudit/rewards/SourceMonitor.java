package plaudit.rewards;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a scorer's sources give and what is wrong with them, for meters, the log and the run. Safe
 * to use from many threads; outlives the sources, which are made again when a scorer starts again.
 */
public final class SourceMonitor {

  private static final Logger LOG = LoggerFactory.getLogger(SourceMonitor.class);

  private final MeterRegistry meters;
  private final InstantSource clock;
  private final Map<String, Double> latest = new ConcurrentHashMap<>();
  private final Map<String, Total> totals = new LinkedHashMap<>();
  private final Map<String, Failing> failing = new LinkedHashMap<>();

  /** One whose meters are in {@code meters}. */
  public SourceMonitor(MeterRegistry meters, InstantSource clock) {
    this.meters = meters;
    this.clock = clock;
    Gauge.builder("plaudit.reward.failing", this, it -> it.trouble().isPresent() ? 1 : 0)
        .description("1 while a source of rewards gives no scores")
        .register(meters);
  }

  /**
   * What a source has given.
   *
   * @param sum of so many scores, before its weight
   */
  public record Total(String source, double sum, long count) {}

  /**
   * What is wrong now.
   *
   * @param words such as {@code remote http://judge:8000/score: HTTP 503}
   * @param lasts since the first failure after the last answer
   */
  public record Trouble(String words, Duration lasts) {}

  private record Failing(String words, Instant since) {}

  /** A source has scored. */
  void scored(String source, float[] scores) {
    double sum = 0;
    for (float score : scores) {
      sum += score;
    }
    if (latest.put(source, sum / Math.max(1, scores.length)) == null) {
      Gauge.builder("plaudit.reward.source", latest, it -> it.getOrDefault(source, 0.0))
          .description("Mean score that a source gave its newest batch, before its weight")
          .tag("source", source)
          .register(meters);
    }
    Total more = new Total(source, sum, scores.length);
    synchronized (this) {
      totals.merge(
          source, more, (a, b) -> new Total(source, a.sum() + b.sum(), a.count() + b.count()));
    }
  }

  /** An attempt to get scores has failed; the first one after a success is logged. */
  void failed(String source, String words) {
    Counter.builder("plaudit.reward.failures")
        .description("Attempts to get scores that failed")
        .tag("source", source)
        .register(meters)
        .increment();
    synchronized (this) {
      Failing before = failing.get(source);
      if (before == null) {
        LOG.warn("no scores from {}: {}; it is tried again", source, words);
      }
      failing.put(source, new Failing(words, before == null ? clock.instant() : before.since()));
    }
  }

  /** An attempt has succeeded. */
  synchronized void worked(String source) {
    Failing before = failing.remove(source);
    if (before != null) {
      LOG.info("{} gives scores again", source);
    }
  }

  /** A reply had no score in it, and counts as the lowest one. */
  void unreadable(String source) {
    Counter.builder("plaudit.reward.unreadable")
        .description("Replies of a judge without a score, which count as the lowest one")
        .tag("source", source)
        .register(meters)
        .increment();
  }

  /** What was given since this was last asked. */
  public synchronized List<Total> take() {
    List<Total> taken = new ArrayList<>(totals.values());
    totals.clear();
    return taken;
  }

  /** What is wrong now, the longest first. */
  public synchronized Optional<Trouble> trouble() {
    Instant now = clock.instant();
    return failing.entrySet().stream()
        .min(Map.Entry.comparingByValue((a, b) -> a.since().compareTo(b.since())))
        .map(
            it ->
                new Trouble(
                    it.getKey() + ": " + it.getValue().words(),
                    Duration.between(it.getValue().since(), now)));
  }
}

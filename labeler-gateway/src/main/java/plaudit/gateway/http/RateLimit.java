package plaudit.gateway.http;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A bucket of tokens for each caller: {@code burst} at once, {@code rate} more each second. Of many
 * callers the least recent are forgotten: their buckets are full by then.
 */
final class RateLimit {

  /** How many callers are remembered. */
  static final int MANY = 20_000;

  private final double rate;
  private final int burst;
  private final Map<String, Bucket> buckets =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Bucket> eldest) {
          return size() > MANY;
        }
      };

  private record Bucket(double tokens, Instant at) {}

  /**
   * Whether a request may pass.
   *
   * @param allowed whether it may
   * @param remaining how many more may follow at once
   * @param retrySeconds when to come again, at least 1, if it may not
   */
  record Decision(boolean allowed, int remaining, long retrySeconds) {}

  RateLimit(double rate, int burst) {
    this.rate = rate;
    this.burst = burst;
  }

  /** Takes a token from the caller's bucket, if there is one. */
  Decision take(String caller, Instant now) {
    return take(caller, 1, now);
  }

  /**
   * Takes so many tokens, all or none. More than a bucket holds are taken from a full one, which
   * then owes the rest.
   */
  synchronized Decision take(String caller, int count, Instant now) {
    Bucket old = buckets.getOrDefault(caller, new Bucket(burst, now));
    double tokens = refilled(old, now);
    double needed = Math.min(count, burst);
    boolean allowed = tokens >= needed;
    double left = allowed ? tokens - count : tokens;
    buckets.put(caller, new Bucket(left, now));
    long retry = Math.max(1, (long) Math.ceil((needed - left) / rate));
    return new Decision(allowed, (int) Math.max(0, left), allowed ? 0 : retry);
  }

  /** The RateLimit-Policy header's value. */
  String policy() {
    long window = Math.max(1, Math.round(burst / rate));
    return "\"key\";q=%d;w=%d".formatted(burst, window);
  }

  private double refilled(Bucket bucket, Instant now) {
    double seconds = Math.max(0, Duration.between(bucket.at, now).toNanos() / 1e9);
    return Math.min(burst, bucket.tokens + seconds * rate);
  }
}

package plaudit.gateway.http;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/**
 * A bucket of tokens for each caller: {@code burst} at once, {@code rate} more each second. Full
 * buckets are forgotten when there are many.
 */
final class RateLimit {

  private static final int MANY = 10_000;

  private final double rate;
  private final int burst;
  private final Map<String, Bucket> buckets = new HashMap<>();

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
  synchronized Decision take(String caller, Instant now) {
    Bucket old = buckets.getOrDefault(caller, new Bucket(burst, now));
    double tokens = refilled(old, now);
    boolean allowed = tokens >= 1;
    double left = allowed ? tokens - 1 : tokens;
    buckets.put(caller, new Bucket(left, now));
    if (buckets.size() > MANY) {
      buckets.values().removeIf(bucket -> refilled(bucket, now) >= burst);
    }
    long retry = Math.max(1, (long) Math.ceil((1 - left) / rate));
    return new Decision(allowed, (int) left, allowed ? 0 : retry);
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

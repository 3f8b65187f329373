package plaudit.node.vendor;

import java.net.URI;
import java.time.Duration;
import plaudit.input.InvalidInputException;

/**
 * Who works for the simulated vendor, and how.
 *
 * @param gateway the gateway's address, without {@code /v1}
 * @param key the vendor's API key
 * @param labelers how many people work at the same time
 * @param latency how long a person thinks about a task, on average
 * @param count how many judgments to deliver before stopping; {@link Long#MAX_VALUE} for no end
 * @param seed of every random decision
 * @param longPoll how long the gateway may keep a request waiting for a task, at most 30 s
 * @param patience how long the gateway may be unreachable before the vendor gives up
 */
public record VendorSettings(
    URI gateway,
    String key,
    int labelers,
    Duration latency,
    long count,
    long seed,
    Duration longPoll,
    Duration patience) {

  public VendorSettings {
    String scheme = gateway.getScheme();
    if (!("http".equals(scheme) || "https".equals(scheme)) || gateway.getHost() == null) {
      throw InvalidInputException.of("url", gateway, "http://HOST:PORT or https://HOST:PORT");
    }
    if (key.isBlank()) {
      throw InvalidInputException.of("key", "empty", "the vendor's API key");
    }
    if (!key.chars().allMatch(c -> c > ' ' && c < 127)) {
      throw new InvalidInputException("key: not shown (expected: printable ASCII without spaces)");
    }
    if (labelers < 1 || labelers > 1000) {
      throw InvalidInputException.of("labelers", labelers, "1 to 1000");
    }
    if (latency.isNegative()) {
      throw InvalidInputException.of("latency", latency.toMillis() + " ms", ">= 0 ms");
    }
    if (count < 1) {
      throw InvalidInputException.of("count", count, ">= 1");
    }
    if (longPoll.isNegative() || longPoll.toSeconds() > 30) {
      throw InvalidInputException.of("longPoll", longPoll, "0 s to 30 s");
    }
  }

  /** One judgment after the other by {@code labelers} people, until stopped. */
  public static VendorSettings endless(
      URI gateway, String key, int labelers, Duration latency, long seed) {
    return new VendorSettings(
        gateway,
        key,
        labelers,
        latency,
        Long.MAX_VALUE,
        seed,
        Duration.ofSeconds(20),
        Duration.ofMinutes(2));
  }
}

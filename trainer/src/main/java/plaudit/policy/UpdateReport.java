package plaudit.policy;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What one policy update was like; {@code docs/metrics.md} explains each number.
 *
 * @param version the version it made
 * @param numbers by metric name, in order
 */
public record UpdateReport(long version, Map<String, Double> numbers) {
  public UpdateReport {
    numbers = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(numbers));
  }

  /** One number; 0 if it is not there. */
  public double get(String name) {
    return numbers.getOrDefault(name, 0.0);
  }
}

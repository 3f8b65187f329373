package plaudit.simulation;

import java.util.Map;
import java.util.TreeMap;

/** How often things happened, so that nobody believes in a storm that never blew. */
final class EventCounts {

  private final TreeMap<String, Long> counts = new TreeMap<>();

  void add(String what) {
    add(what, 1);
  }

  void add(String what, long times) {
    counts.merge(what, times, Long::sum);
  }

  void addAll(EventCounts other) {
    other.counts.forEach(this::add);
  }

  Map<String, Long> counts() {
    return counts;
  }
}

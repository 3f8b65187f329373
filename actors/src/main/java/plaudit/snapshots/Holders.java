package plaudit.snapshots;

import java.net.URI;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Which other nodes have a file and serve it, by its name; each is named in turn. Knows the last
 * few names only. Thread-safe.
 */
final class Holders {

  private static final int NAMES = 16;
  private static final int MOST = 4_096;

  private final Map<String, Deque<URI>> holders =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Deque<URI>> eldest) {
          return size() > NAMES;
        }
      };

  /** {@code holder} is a URL of the file on another node. */
  synchronized void add(String name, URI holder) {
    Deque<URI> known = holders.computeIfAbsent(name, any -> new ArrayDeque<>());
    if (known.size() < MOST && !known.contains(holder)) {
      known.addFirst(holder);
    }
  }

  /** It does not have the file any more, or does not answer. */
  synchronized void remove(String name, URI holder) {
    holders.getOrDefault(name, new ArrayDeque<>()).remove(holder);
  }

  /** Who is asked next. */
  synchronized Optional<URI> next(String name) {
    Deque<URI> known = holders.getOrDefault(name, new ArrayDeque<>());
    Optional<URI> next = Optional.ofNullable(known.pollFirst());
    next.ifPresent(known::addLast);
    return next;
  }

  /** How many are known. */
  synchronized int count(String name) {
    return holders.getOrDefault(name, new ArrayDeque<>()).size();
  }
}

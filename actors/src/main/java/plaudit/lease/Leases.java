package plaudit.lease;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * Leases on pieces of work: the holder of each and when it ends. A piece has at most one holder;
 * its lease ends when it is completed, runs out, or its holder is gone. Not thread-safe.
 *
 * @param <K> names a piece of work
 */
public final class Leases<K> {

  /** The holder of a piece, and when its lease ends. */
  public record Lease(String holder, Instant until) {}

  private final Map<K, Lease> leases = new LinkedHashMap<>();

  /** Leases by holder, and by their end: counted, since both are read after each message. */
  private final Map<String, Integer> held = new LinkedHashMap<>();

  private final TreeMap<Instant, Integer> expiries = new TreeMap<>();

  /**
   * Lends {@code key} to {@code holder} up to, not including, {@code until}.
   *
   * @throws IllegalStateException if it has a holder
   */
  public void grant(K key, String holder, Instant until) {
    Lease current = leases.putIfAbsent(key, new Lease(holder, until));
    if (current != null) {
      throw new IllegalStateException(
          "lease of %s: held by %s (expected: free)".formatted(key, current.holder()));
    }
    held.merge(holder, 1, Integer::sum);
    expiries.merge(until, 1, Integer::sum);
  }

  /** Ends the lease of {@code key}; its holder, empty if it had none. */
  public Optional<String> complete(K key) {
    Optional<Lease> ended = Optional.ofNullable(leases.remove(key));
    ended.ifPresent(this::forget);
    return ended.map(Lease::holder);
  }

  /** Ends the leases that have run out at {@code now}; their keys, in the order of granting. */
  public List<K> expire(Instant now) {
    return end(lease -> !now.isBefore(lease.until()));
  }

  /** Ends all leases of {@code holder}; their keys, in the order of granting. */
  public List<K> release(String holder) {
    return end(lease -> lease.holder().equals(holder));
  }

  /** When the first lease runs out, empty if there is none. */
  public Optional<Instant> nextExpiry() {
    return expiries.isEmpty() ? Optional.empty() : Optional.of(expiries.firstKey());
  }

  /** Whether {@code key} has a holder. */
  public boolean holds(K key) {
    return leases.containsKey(key);
  }

  /** The lease of {@code key}, if there is one. */
  public Optional<Lease> of(K key) {
    return Optional.ofNullable(leases.get(key));
  }

  /** All that hold a lease. */
  public Set<String> holders() {
    return new LinkedHashSet<>(held.keySet());
  }

  /** How many leases there are. */
  public int size() {
    return leases.size();
  }

  private List<K> end(Predicate<Lease> ends) {
    List<K> ended = new ArrayList<>();
    for (Iterator<Map.Entry<K, Lease>> i = leases.entrySet().iterator(); i.hasNext(); ) {
      Map.Entry<K, Lease> entry = i.next();
      if (ends.test(entry.getValue())) {
        ended.add(entry.getKey());
        i.remove();
        forget(entry.getValue());
      }
    }
    return ended;
  }

  private void forget(Lease ended) {
    held.computeIfPresent(ended.holder(), (holder, count) -> count == 1 ? null : count - 1);
    expiries.computeIfPresent(ended.until(), (until, count) -> count == 1 ? null : count - 1);
  }
}

package plaudit.simulation;

import java.util.PriorityQueue;

/**
 * What is going to happen, in the order of virtual time; of two events at one time, what was put in
 * first. The clock stands still between events and jumps with each. Knows nothing of what the
 * events are.
 */
final class EventQueue<E> {

  private record Entry<E>(long at, long order, E event) implements Comparable<Entry<E>> {
    @Override
    public int compareTo(Entry<E> other) {
      return at == other.at ? Long.compare(order, other.order) : Long.compare(at, other.at);
    }
  }

  private final PriorityQueue<Entry<E>> entries = new PriorityQueue<>();
  private long now;
  private long order;

  /** Milliseconds since the start. */
  long now() {
    return now;
  }

  /** Something happens at {@code at}, or now, if that is over. */
  void at(long at, E event) {
    entries.add(new Entry<>(Math.max(now, at), order++, event));
  }

  /** Something happens in {@code delay} milliseconds. */
  void in(long delay, E event) {
    at(now + delay, event);
  }

  boolean isEmpty() {
    return entries.isEmpty();
  }

  /**
   * Moves the clock to the next event and returns it.
   *
   * @throws java.util.NoSuchElementException when nothing is going to happen
   */
  E next() {
    Entry<E> entry = entries.remove();
    now = entry.at();
    return entry.event();
  }
}

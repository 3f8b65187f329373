package plaudit.policy;

import java.util.ArrayList;
import java.util.List;

/**
 * The last few values of something noisy. Immutable.
 *
 * @param size how many
 * @param values at most so many, oldest first
 */
public record Window(int size, List<Double> values) {

  public Window {
    int surplus = Math.max(0, values.size() - size);
    values = List.copyOf(values.subList(surplus, values.size()));
  }

  /** Nothing seen yet. */
  static Window of(int size) {
    return new Window(size, List.of());
  }

  /** One value on. */
  Window and(double value) {
    List<Double> more = new ArrayList<>(values);
    more.add(value);
    return new Window(size, more);
  }

  /** Whether so many values were seen that the mean means something. */
  boolean full() {
    return values.size() == size;
  }

  /** The mean of what is there, 0 of nothing. */
  double mean() {
    return values.stream().mapToDouble(x -> x).average().orElse(0);
  }
}

package plaudit.data;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.Stream;

/**
 * Draws some of very many, all equally likely, while they go by (reservoir sampling, Vitter's
 * algorithm R): memory holds what is drawn, not what there is.
 */
public final class Drawing<T> {

  private record Drawn<T>(long place, T element) {}

  private final int limit;
  private final RandomGenerator random;
  private final List<Drawn<T>> drawn = new ArrayList<>();
  private long seen;

  private Drawing(int limit, long seed) {
    this.limit = limit;
    this.random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
  }

  /**
   * At most {@code limit} elements in the order they came; all of them if they are no more. The
   * same seed draws the same. Closes {@code all}.
   */
  public static <T> List<T> of(Stream<T> all, int limit, long seed) {
    Drawing<T> drawing = new Drawing<>(limit, seed);
    try (all) {
      all.forEachOrdered(drawing::see); // an iterator would hold all elements of one file
    }
    return drawing.drawn.stream()
        .sorted(Comparator.comparingLong(Drawn::place))
        .map(Drawn::element)
        .toList();
  }

  private void see(T element) {
    Drawn<T> candidate = new Drawn<>(seen, element);
    seen++;
    if (drawn.size() < limit) {
      drawn.add(candidate);
      return;
    }
    long slot = random.nextLong(seen);
    if (slot < limit) {
      drawn.set((int) slot, candidate);
    }
  }
}

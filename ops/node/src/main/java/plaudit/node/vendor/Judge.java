package plaudit.node.vendor;

import java.util.List;
import java.util.random.RandomGenerator;

/**
 * A simulated labeler's judgment, the same interface for a vendor over HTTP and for a study in one
 * process.
 *
 * @param <T> of texts: characters or tokens
 */
@FunctionalInterface
public interface Judge<T> {

  /** The verdict that no text is better than the others. */
  int TIE = -1;

  /**
   * Chooses the best of {@code choices} as continuation of {@code query}.
   *
   * @param query what the labeler reads first
   * @param choices the texts to choose from, in the order shown
   * @param random settles ties and noise; the same for the same task and labeler
   * @return an index into {@code choices}, or {@link #TIE}
   */
  int judge(T query, List<T> choices, RandomGenerator random);
}

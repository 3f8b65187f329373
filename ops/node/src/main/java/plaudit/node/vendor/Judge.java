package plaudit.node.vendor;

import java.util.List;
import java.util.random.RandomGenerator;

/** How a simulated person judges. */
@FunctionalInterface
public interface Judge {

  /** The verdict that no text stands out. */
  int TIE = -1;

  /**
   * Which of {@code choices} continues {@code query} best.
   *
   * @param query what the person reads first
   * @param choices the texts to choose from, in the order shown
   * @param random the person's moods; the same for the same task and labeler
   * @return an index into {@code choices}, or {@link #TIE}
   */
  int judge(String query, List<String> choices, RandomGenerator random);
}

package plaudit.stats;

import java.util.Collection;
import java.util.Set;

/**
 * How often the reward model prefers what a person chose, on labels it was not trained on.
 *
 * @param agreed how often it did
 * @param judged of how many
 */
public record Agreement(long agreed, long judged) {

  /** Before the first. */
  public static final Agreement NONE = new Agreement(0, 0);

  public Agreement {
    if (agreed < 0 || judged < agreed) {
      throw new IllegalArgumentException(
          "agreed, judged: %d, %d (expected: 0 <= agreed <= judged)".formatted(agreed, judged));
    }
  }

  /**
   * One more label.
   *
   * @param scores the model's score of each response; the first of equally high ones is its choice
   * @param best the index a person chose
   */
  public Agreement and(float[] scores, int best) {
    return and(scores, Set.of(best));
  }

  /**
   * One more row.
   *
   * @param winners the responses people found best, equally good
   */
  public Agreement and(float[] scores, Collection<Integer> winners) {
    return new Agreement(agreed + (winners.contains(first(scores)) ? 1 : 0), judged + 1);
  }

  private static int first(float[] scores) {
    int first = 0;
    for (int i = 1; i < scores.length; i++) {
      if (scores[i] > scores[first]) {
        first = i;
      }
    }
    return first;
  }

  /** Both counts together. */
  public Agreement plus(Agreement other) {
    return new Agreement(agreed + other.agreed, judged + other.judged);
  }

  /** The share that agreed, with its 95 % interval. */
  public Wilson accuracy() {
    return Wilson.of((double) agreed, judged);
  }
}

package plaudit.reward;

import java.util.List;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * What people preferred among the responses of one row: what the reward model is trained towards
 * (paper 1.2). A tie in a label file is a target, since it says that the responses are equally
 * good; that no response is acceptable, or that no one can judge, compares no response with another
 * and is none (as in Christiano et al. 2017, section 2.2.3).
 */
public sealed interface Target {

  /**
   * These responses are the best, equally good where there are several. Of the others it is only
   * known that they are worse.
   *
   * @param indices from 0, ascending
   */
  record Best(List<Integer> indices) implements Target {
    public Best {
      indices = List.copyOf(new TreeSet<>(indices));
      if (indices.isEmpty() || indices.get(0) < 0) {
        throw new IllegalArgumentException("best: " + indices + " (expected: indices from 0)");
      }
    }

    /** One response is better than all others. */
    public static Best only(int index) {
      return new Best(List.of(index));
    }
  }

  /**
   * The place of each response, the same for those that are equally good.
   *
   * @param places the smaller the better
   */
  record Ranking(List<Integer> places) implements Target {
    public Ranking {
      places = List.copyOf(places);
    }
  }

  /** The score of the one response. */
  record Score(double value) implements Target {}

  /** How much better the second response is than the first. */
  record Difference(double value) implements Target {}

  /**
   * The first of two responses is better.
   *
   * @param by how much, at least 0; a loss of choices learns the order alone
   */
  record Margin(double by) implements Target {}

  /** What it is called in messages. */
  default String name() {
    return this instanceof Best
        ? "a choice"
        : this instanceof Ranking
            ? "a ranking"
            : this instanceof Score
                ? "a score"
                : this instanceof Margin ? "a margin" : "a difference";
  }

  /** The responses no other is better than; all of them where nothing is preferred. */
  default List<Integer> winners(int responses) {
    if (this instanceof Best best) {
      return best.indices();
    } else if (this instanceof Ranking ranking) {
      int first = ranking.places().stream().mapToInt(place -> place).min().orElse(0);
      return IntStream.range(0, responses)
          .filter(i -> ranking.places().get(i) == first)
          .boxed()
          .toList();
    } else if (this instanceof Margin) {
      return List.of(0);
    } else if (this instanceof Difference difference && difference.value() != 0) {
      return List.of(difference.value() > 0 ? 1 : 0);
    }
    return IntStream.range(0, responses).boxed().toList();
  }
}

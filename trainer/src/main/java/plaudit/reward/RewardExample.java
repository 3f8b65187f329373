package plaudit.reward;

import java.util.List;
import plaudit.stats.Agreement;
import plaudit.tokens.Tokens;

/**
 * One row of training data as the reward model reads it.
 *
 * @param sequences query and response, one for each response, at least one token each
 * @param target what people preferred
 */
public record RewardExample(List<Tokens> sequences, Target target) {

  public RewardExample {
    sequences = List.copyOf(sequences);
    int n = sequences.size();
    if (n == 0 || sequences.stream().anyMatch(sequence -> sequence.length() == 0)) {
      throw new IllegalArgumentException(
          "sequences: " + sequences + " (expected: at least one, none of them empty)");
    }
    boolean fits;
    if (target instanceof Target.Best best) {
      fits = n >= 2 && best.indices().get(best.indices().size() - 1) < n;
    } else if (target instanceof Target.Ranking ranking) {
      fits = n >= 2 && ranking.places().size() == n;
    } else {
      fits = n == (target instanceof Target.Score ? 1 : 2);
    }
    if (!fits) {
      throw new IllegalArgumentException("%s of %d responses".formatted(target, n));
    }
  }

  /** How many responses. */
  public int responses() {
    return sequences.size();
  }

  /** Tokens of all sequences together. */
  long tokens() {
    return sequences.stream().mapToLong(Tokens::length).sum();
  }

  /** The responses people found best. */
  public List<Integer> winners() {
    return target.winners(sequences.size());
  }

  /** Whether people found some responses better than others. */
  public boolean isPreference() {
    return winners().size() < sequences.size();
  }

  /**
   * An agreement of model and people with this row counted in; a row in which people preferred
   * nothing does not count.
   *
   * @param rewards of the responses
   */
  public Agreement countIn(Agreement before, float[] rewards) {
    return isPreference() ? before.and(rewards, winners()) : before;
  }
}

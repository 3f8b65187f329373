package plaudit.eval.measure;

import plaudit.stats.Wilson;

/**
 * How often the tuned text beats the base text of the same prompt.
 *
 * @param wins prompts where it is better
 * @param ties prompts where neither is
 * @param losses prompts where it is worse
 */
public record WinRate(long wins, long ties, long losses) {

  public WinRate {
    if (wins < 0 || ties < 0 || losses < 0) {
      throw new IllegalArgumentException(
          "wins, ties, losses: %d, %d, %d (expected: >= 0)".formatted(wins, ties, losses));
    }
  }

  /**
   * Counts prompt by prompt.
   *
   * @param base scores of the base texts
   * @param tuned scores of the tuned texts, in the same order of prompts
   * @param tieWithin differences up to this count as a tie
   */
  public static WinRate of(double[] base, double[] tuned, double tieWithin) {
    MeanDifference.requirePairs(base, tuned);
    long wins = 0;
    long losses = 0;
    for (int i = 0; i < base.length; i++) {
      double difference = tuned[i] - base[i];
      if (difference > tieWithin) {
        wins++;
      } else if (difference < -tieWithin) {
        losses++;
      }
    }
    return new WinRate(wins, base.length - wins - losses, losses);
  }

  /** How many prompts. */
  public long prompts() {
    return wins + ties + losses;
  }

  /** The share of wins, ties as half a win, with its 95 % interval. */
  public Wilson rate() {
    return Wilson.of(wins + ties / 2d, prompts());
  }
}

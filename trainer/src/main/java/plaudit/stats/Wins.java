package plaudit.stats;

/**
 * Comparisons that the policy won against the reference.
 *
 * @param won ties half
 * @param judged of how many
 */
public record Wins(double won, long judged) {

  /** Before the first. */
  public static final Wins NONE = new Wins(0, 0);

  /** The share, with its 95 % interval. */
  public Wilson rate() {
    return Wilson.of(won, judged);
  }
}

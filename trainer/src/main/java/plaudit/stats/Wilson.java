package plaudit.stats;

/**
 * Wilson's score interval (1927) of a share, at 95 %: unlike the textbook p +- 1.96 s it stays
 * within 0 and 1 and holds for few trials and for shares near the ends.
 *
 * @param share what was seen, 0 to 1
 * @param low lower end
 * @param high upper end
 */
public record Wilson(double share, double low, double high) {

  private static final double Z = 1.959963984540054;

  /**
   * The interval of {@code successes} in {@code trials}.
   *
   * @param successes half a success is a tie
   * @param trials with none the share is 0.5 and the interval everything
   */
  public static Wilson of(double successes, long trials) {
    if (trials < 0 || !(successes >= 0 && successes <= trials)) {
      throw new IllegalArgumentException(
          "successes, trials: %s, %d (expected: 0 <= successes <= trials)"
              .formatted(successes, trials));
    }
    if (trials == 0) {
      return new Wilson(.5, 0, 1);
    }
    double share = successes / trials;
    double spread = Z * Z / trials;
    double centre = (share + spread / 2) / (1 + spread);
    double half =
        Z * Math.sqrt(share * (1 - share) / trials + spread / (4 * trials)) / (1 + spread);
    // At the ends the formula touches the share, but for rounding.
    double low = Math.max(0, Math.min(share, centre - half));
    double high = Math.min(1, Math.max(share, centre + half));
    return new Wilson(share, low, high);
  }
}

package plaudit.eval.copying;

import plaudit.stats.Wilson;

/**
 * So many of so many.
 *
 * @param count how many are so
 * @param of how many there are
 */
public record Share(long count, long of) {

  public Share {
    if (count < 0 || count > of) {
      throw new IllegalArgumentException(
          "count, of: %d, %d (expected: 0 <= count <= of)".formatted(count, of));
    }
  }

  /** The share with its 95 % interval. */
  public Wilson share() {
    return Wilson.of((double) count, of);
  }
}

package plaudit.eval.rouge;

/**
 * What a candidate and a reference have in common.
 *
 * @param matches units found in both, each counted as often as in the text that has fewer
 * @param candidate units of the candidate
 * @param reference units of the reference
 */
public record Overlap(long matches, long candidate, long reference) {

  public Overlap {
    if (matches < 0 || matches > candidate || matches > reference) {
      throw new IllegalArgumentException(
          "matches, candidate, reference: %d, %d, %d (expected: 0 <= matches <= both)"
              .formatted(matches, candidate, reference));
    }
  }

  /** The share of the candidate that is in the reference; 0 of nothing. */
  public double precision() {
    return candidate == 0 ? 0 : (double) matches / candidate;
  }

  /** The share of the reference that is in the candidate; 0 of nothing. */
  public double recall() {
    return reference == 0 ? 0 : (double) matches / reference;
  }

  /** All three numbers. */
  public RougeScore score() {
    return RougeScore.of(precision(), recall());
  }

  /** Both together. */
  Overlap plus(Overlap other) {
    return new Overlap(
        matches + other.matches, candidate + other.candidate, reference + other.reference);
  }
}

package plaudit.labels;

/** The answer to a comparison. */
public sealed interface Choice {

  /**
   * This response is the best of those shown.
   *
   * @param index of the response in {@link Comparison#samples()}, from 0
   */
  record Best(int index) implements Choice {
    public Best {
      if (index < 0) {
        throw new IllegalArgumentException("index: " + index + " (expected: >= 0)");
      }
    }
  }

  /** No response stands out; kept for statistics, not for the loss. */
  record NoPreference(Reason reason) implements Choice {}

  /** Why there is no preference. */
  enum Reason {
    TIE,
    NONE_ACCEPTABLE,
    CANNOT_JUDGE
  }
}

package plaudit.parallel;

/**
 * Rows of a minibatch and who computes their gradient.
 *
 * @param who a helper's name, or {@link Shares#OWN}
 * @param from the first row
 * @param to after the last row
 */
record Shard(String who, int from, int to) {
  Shard {
    if (from < 0 || to <= from) {
      throw new IllegalArgumentException(
          "rows %d to %d (expected: at least one)".formatted(from, to));
    }
  }

  int rows() {
    return to - from;
  }
}

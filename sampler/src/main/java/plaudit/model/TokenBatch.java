package plaudit.model;

import java.util.Arrays;
import java.util.List;
import plaudit.tokens.Tokens;

/**
 * Rows of tokens of different length laid into one rectangle; {@link #PAD} fills the rest.
 *
 * @param ids row after row, shape {@code [rows * columns]}
 * @param rows how many sequences
 * @param columns the width
 */
public record TokenBatch(long[] ids, int rows, int columns) {

  /** Stands where there is no token. Outside every vocabulary (paper 3.1). */
  public static final long PAD = -1;

  /** Queries end, and responses begin, at the same column; both sides are filled up. */
  public static TokenBatch aligned(List<Tokens> queries, List<Tokens> responses) {
    int left = queries.stream().mapToInt(Tokens::length).max().orElse(0);
    int right = responses.stream().mapToInt(Tokens::length).max().orElse(0);
    int columns = left + right;
    long[] ids = new long[queries.size() * columns];
    Arrays.fill(ids, PAD);
    for (int row = 0; row < queries.size(); row++) {
      Tokens query = queries.get(row);
      put(ids, row * columns + left - query.length(), query);
      put(ids, row * columns + left, responses.get(row));
    }
    return new TokenBatch(ids, queries.size(), columns);
  }

  /** Rows begin at column 0 and are filled up on the right. */
  public static TokenBatch leftAligned(List<Tokens> rows) {
    return aligned(rows.stream().map(row -> Tokens.of()).toList(), rows);
  }

  private static void put(long[] ids, int at, Tokens tokens) {
    for (int i = 0; i < tokens.length(); i++) {
      ids[at + i] = tokens.get(i);
    }
  }
}

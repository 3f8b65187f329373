package plaudit.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Which rows of unequal length are computed in one pass: short ones together, so that little is
 * computed for padding, in few passes, since each reads all weights. What is chosen is a function
 * of the lengths alone.
 */
public final class LengthGroups {

  /** What one more pass costs, in tokens. */
  private static final long PASS = 64;

  private LengthGroups() {}

  /**
   * Parts rows such that tokens, with padding, and passes cost least.
   *
   * @param before tokens of each row up to the column at which all rows meet
   * @param after tokens of each row from there on; of a group the longest of both count for each
   *     row
   * @param mostRows of one group, {@code >= 1}
   * @param mostTokens of one group, with padding; a row that has more is a group of its own
   * @return each row once; the groups, and the rows of a group, from the shortest to the longest
   */
  public static List<List<Integer>> of(int[] before, int[] after, int mostRows, int mostTokens) {
    int count = before.length;
    int[] order =
        IntStream.range(0, count)
            .boxed()
            .sorted(
                Comparator.<Integer>comparingInt(row -> before[row] + after[row])
                    .thenComparingInt(row -> before[row]))
            .mapToInt(Integer::intValue)
            .toArray();
    long[] least = new long[count + 1];
    int[] begins = new int[count + 1];
    Arrays.fill(least, 1, count + 1, Long.MAX_VALUE);
    for (int end = 1; end <= count; end++) {
      int left = 0;
      int right = 0;
      for (int begin = end - 1; begin >= 0; begin--) {
        left = Math.max(left, before[order[begin]]);
        right = Math.max(right, after[order[begin]]);
        int rows = end - begin;
        long tokens = (long) rows * (left + right);
        if (rows > 1 && (rows > mostRows || tokens > mostTokens)) {
          break;
        }
        if (least[begin] + PASS + tokens <= least[end]) {
          least[end] = least[begin] + PASS + tokens;
          begins[end] = begin;
        }
      }
    }
    List<List<Integer>> groups = new ArrayList<>();
    for (int end = count; end > 0; end = begins[end]) {
      groups.add(0, Arrays.stream(order, begins[end], end).boxed().toList());
    }
    return groups;
  }
}

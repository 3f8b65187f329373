package plaudit.node.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/** What somebody may have meant who wrote something that is not there. */
public final class Spelling {

  private Spelling() {}

  /**
   * Up to {@code limit} of {@code words} that differ from {@code written} in no more than half of
   * its letters, and in two at least; nearest first.
   */
  public static List<String> nearest(String written, Collection<String> words, int limit) {
    int most = Math.max(2, written.replaceFirst("^-+", "").length() / 2);
    return words.stream()
        .filter(word -> distance(written, word) <= most)
        .sorted(
            Comparator.comparingInt((String word) -> distance(written, word))
                .thenComparing(Comparator.naturalOrder()))
        .limit(limit)
        .toList();
  }

  /**
   * How many letters to insert, drop, change or swap with their neighbour (Damerau and Levenshtein,
   * each pair swapped at most once).
   */
  static int distance(String a, String b) {
    int[][] cost = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      cost[i][0] = i;
    }
    for (int j = 0; j <= b.length(); j++) {
      cost[0][j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      for (int j = 1; j <= b.length(); j++) {
        int changed = cost[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        cost[i][j] = Math.min(changed, 1 + Math.min(cost[i - 1][j], cost[i][j - 1]));
        boolean swapped =
            i > 1
                && j > 1
                && a.charAt(i - 1) == b.charAt(j - 2)
                && a.charAt(i - 2) == b.charAt(j - 1);
        if (swapped) {
          cost[i][j] = Math.min(cost[i][j], cost[i - 2][j - 2] + 1);
        }
      }
    }
    return cost[a.length()][b.length()];
  }
}

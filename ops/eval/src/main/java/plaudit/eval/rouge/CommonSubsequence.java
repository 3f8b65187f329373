package plaudit.eval.rouge;

import java.util.BitSet;
import java.util.List;

/**
 * The longest common subsequence: words in the same order in both texts, with gaps. There may be
 * several of the same length; which one is taken matters where they are united, so it is the one
 * ROUGE-1.5.5 takes: going back from the ends, a word of the reference is given up rather than one
 * of the candidate.
 */
final class CommonSubsequence {

  private CommonSubsequence() {}

  /** How many words the longest has. */
  static int length(List<String> reference, List<String> candidate) {
    return positions(reference, candidate).cardinality();
  }

  /** Which words of {@code reference} it is made of. */
  static BitSet positions(List<String> reference, List<String> candidate) {
    int m = reference.size();
    int n = candidate.size();
    int[][] lengths = new int[m + 1][n + 1];
    for (int i = 1; i <= m; i++) {
      for (int j = 1; j <= n; j++) {
        lengths[i][j] =
            reference.get(i - 1).equals(candidate.get(j - 1))
                ? lengths[i - 1][j - 1] + 1
                : Math.max(lengths[i - 1][j], lengths[i][j - 1]);
      }
    }
    BitSet positions = new BitSet(m);
    int i = m;
    int j = n;
    while (i > 0 && j > 0) {
      if (reference.get(i - 1).equals(candidate.get(j - 1))) {
        positions.set(--i);
        j--;
      } else if (lengths[i - 1][j] >= lengths[i][j - 1]) {
        i--;
      } else {
        j--;
      }
    }
    return positions;
  }
}

package plaudit.eval.rouge;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The measures of ROUGE on one candidate and one reference, each a list of sentences of words. */
public enum Rouge {
  /** Single words. */
  ROUGE_1("ROUGE-1", "rouge1") {
    @Override
    public Overlap of(List<List<String>> candidate, List<List<String>> reference) {
      return grams(whole(candidate), whole(reference), 1);
    }
  },

  /** Pairs of words. */
  ROUGE_2("ROUGE-2", "rouge2") {
    @Override
    public Overlap of(List<List<String>> candidate, List<List<String>> reference) {
      return grams(whole(candidate), whole(reference), 2);
    }
  },

  /** The longest common subsequence of the texts, each taken as one sentence. */
  ROUGE_L("ROUGE-L of one sentence", "rougeL") {
    @Override
    public Overlap of(List<List<String>> candidate, List<List<String>> reference) {
      List<String> from = whole(candidate);
      List<String> to = whole(reference);
      return new Overlap(commonSubsequence(to, from).cardinality(), from.size(), to.size());
    }
  },

  /**
   * For each sentence of the reference the union of its longest common subsequences with all
   * sentences of the candidate (Lin 2004, section 3.2). This is what ROUGE-1.5.5 calls ROUGE-L. No
   * word counts more often than it stands in either text.
   */
  ROUGE_L_SUMMARY("ROUGE-L", "rougeLsum") {
    @Override
    public Overlap of(List<List<String>> candidate, List<List<String>> reference) {
      Map<String, Integer> left = counts(whole(candidate), 1);
      long matches = 0;
      for (List<String> sentence : reference) {
        BitSet union = new BitSet(sentence.size());
        candidate.forEach(other -> union.or(commonSubsequence(sentence, other)));
        for (int i = union.nextSetBit(0); i >= 0; i = union.nextSetBit(i + 1)) {
          if (left.merge(sentence.get(i), -1, Integer::sum) >= 0) {
            matches++;
          }
        }
      }
      return new Overlap(matches, words(candidate), words(reference));
    }
  };

  private final String label;
  private final String key;

  Rouge(String label, String key) {
    this.label = label;
    this.key = key;
  }

  /** Compares two texts. */
  public abstract Overlap of(List<List<String>> candidate, List<List<String>> reference);

  /** The name in the literature. */
  public String label() {
    return label;
  }

  /** The name in JSON, as the library rouge-score has it. */
  public String key() {
    return key;
  }

  /** Runs of {@code n} words, each counted as often as in the text that has fewer of it. */
  static Overlap grams(List<String> candidate, List<String> reference, int n) {
    Map<String, Integer> from = counts(candidate, n);
    long matches = 0;
    for (Map.Entry<String, Integer> gram : counts(reference, n).entrySet()) {
      matches += Math.min(gram.getValue(), from.getOrDefault(gram.getKey(), 0));
    }
    return new Overlap(
        matches, Math.max(0, candidate.size() - n + 1), Math.max(0, reference.size() - n + 1));
  }

  /**
   * Which words of {@code reference} the longest common subsequence is made of: words in the same
   * order in both texts, with gaps. There may be several of the same length; which one is taken
   * matters where they are united, so it is the one ROUGE-1.5.5 takes: going back from the ends, a
   * word of the reference is given up rather than one of the candidate.
   */
  private static BitSet commonSubsequence(List<String> reference, List<String> candidate) {
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

  /** How often each run of {@code n} words is there, words joined by a space. */
  private static Map<String, Integer> counts(List<String> words, int n) {
    Map<String, Integer> counts = new HashMap<>();
    for (int i = 0; i + n <= words.size(); i++) {
      counts.merge(String.join(" ", words.subList(i, i + n)), 1, Integer::sum);
    }
    return counts;
  }

  private static List<String> whole(List<List<String>> sentences) {
    List<String> all = new ArrayList<>();
    sentences.forEach(all::addAll);
    return all;
  }

  private static long words(List<List<String>> sentences) {
    return sentences.stream().mapToLong(List::size).sum();
  }

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
    public Score score() {
      return Score.of(precision(), recall());
    }

    /** Both together. */
    Overlap plus(Overlap other) {
      return new Overlap(
          matches + other.matches, candidate + other.candidate, reference + other.reference);
    }
  }

  /**
   * ROUGE of one candidate.
   *
   * @param precision share of the candidate found in the reference
   * @param recall share of the reference found in the candidate
   * @param f1 their harmonic mean, 0 where both are
   */
  public record Score(double precision, double recall, double f1) {

    static Score of(double precision, double recall) {
      double sum = precision + recall;
      return new Score(precision, recall, sum == 0 ? 0 : 2 * precision * recall / sum);
    }
  }
}

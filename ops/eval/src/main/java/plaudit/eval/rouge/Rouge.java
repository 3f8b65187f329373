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
      return new Overlap(CommonSubsequence.length(to, from), from.size(), to.size());
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
        candidate.forEach(other -> union.or(CommonSubsequence.positions(sentence, other)));
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
}

package plaudit.node.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import org.apache.commons.text.similarity.DamerauLevenshteinDistance;

/** What was meant by a word that is not known. */
public final class Spelling {

  private static final DamerauLevenshteinDistance DISTANCE = new DamerauLevenshteinDistance();

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

  /** How many letters to insert, drop, change or swap with their neighbour. */
  static int distance(String a, String b) {
    return DISTANCE.apply(a, b);
  }
}

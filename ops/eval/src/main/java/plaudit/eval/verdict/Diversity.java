package plaudit.eval.verdict;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * How varied texts are. Words are runs of letters, digits and apostrophes in lower case. Shares of
 * distinct words fall with the number of texts, so only equally many texts compare.
 *
 * @param distinct1 distinct words in all texts over all their words (Li et al. 2016)
 * @param distinct2 the same of pairs of neighbouring words
 * @param repetition the share of pairs that came before in the same text
 * @param words mean words a text
 */
public record Diversity(double distinct1, double distinct2, double repetition, double words) {

  /** Measures {@code texts} together. */
  public static Diversity of(List<String> texts) {
    Set<String> words = new HashSet<>();
    Set<String> pairs = new HashSet<>();
    long allWords = 0;
    long allPairs = 0;
    long repeated = 0;
    for (String text : texts) {
      List<String> own = words(text);
      Set<String> before = new HashSet<>();
      words.addAll(own);
      allWords += own.size();
      for (int i = 1; i < own.size(); i++) {
        String pair = own.get(i - 1) + ' ' + own.get(i);
        pairs.add(pair);
        allPairs++;
        repeated += before.add(pair) ? 0 : 1;
      }
    }
    return new Diversity(
        share(words.size(), allWords),
        share(pairs.size(), allPairs),
        share(repeated, allPairs),
        share(allWords, texts.size()));
  }

  /**
   * A word and the texts that have it.
   *
   * @param base share of the base model's texts with the word
   * @param tuned share of the tuned model's
   */
  public record Word(String word, double base, double tuned) {}

  /**
   * The word whose share of texts has risen most, if any has.
   *
   * @param counts which words count: those that are scored, or all
   */
  public static Optional<Word> gained(
      List<String> base, List<String> tuned, Predicate<String> counts) {
    Map<String, Integer> before = textsWith(base);
    Map<String, Integer> after = textsWith(tuned);
    return new TreeSet<>(after.keySet())
        .stream()
            .filter(counts)
            .map(
                word ->
                    new Word(
                        word,
                        share(before.getOrDefault(word, 0), base.size()),
                        share(after.getOrDefault(word, 0), tuned.size())))
            .filter(word -> word.tuned() > word.base())
            .max(Comparator.comparingDouble(word -> word.tuned() - word.base()));
  }

  private static Map<String, Integer> textsWith(List<String> texts) {
    Map<String, Integer> counts = new HashMap<>();
    for (String text : texts) {
      new HashSet<>(words(text)).forEach(word -> counts.merge(word, 1, Integer::sum));
    }
    return counts;
  }

  private static List<String> words(String text) {
    List<String> words = new ArrayList<>();
    for (String word :
        text.toLowerCase(Locale.ROOT).replace('\u2019', '\'').split("[^\\p{L}\\p{N}']+", -1)) {
      if (!word.isEmpty()) {
        words.add(word);
      }
    }
    return words;
  }

  private static double share(long part, long whole) {
    return whole == 0 ? 0 : (double) part / whole;
  }
}

package plaudit.eval.copying;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import plaudit.eval.measure.Sentences;

/**
 * What one output has taken from its input. Case, punctuation and spacing do not count: words are
 * compared.
 *
 * @param sentences sentences of the output that have a word
 * @param novelSentences those that do not stand in the input as a run of words
 * @param wholeSentences those that are a whole sentence of the input
 * @param grams how many runs of 1 to 4 words the output has, in this order
 * @param novelGrams how many of them are nowhere in the input
 * @param start whether the output begins with the words the input begins with
 */
public record Copied(
    int sentences,
    int novelSentences,
    int wholeSentences,
    List<Integer> grams,
    List<Integer> novelGrams,
    boolean start) {

  /** Runs of up to so many words are looked at. */
  public static final int LONGEST_GRAM = 4;

  public Copied {
    grams = List.copyOf(grams);
    novelGrams = List.copyOf(novelGrams);
  }

  /**
   * Compares an output with its input.
   *
   * @param startWords how many words at the start must be the same; an output or input with fewer
   *     does not copy the start
   */
  public static Copied of(String input, String output, int startWords) {
    List<String> from = words(input);
    List<String> to = words(output);
    String inputWords = spaced(from);
    Set<List<String>> inputSentences = new HashSet<>();
    Sentences.of(input).forEach(sentence -> inputSentences.add(words(sentence)));
    int sentences = 0;
    int novel = 0;
    int whole = 0;
    for (String sentence : Sentences.of(output)) {
      List<String> words = words(sentence);
      if (!words.isEmpty()) {
        sentences++;
        novel += inputWords.contains(spaced(words)) ? 0 : 1;
        whole += inputSentences.contains(words) ? 1 : 0;
      }
    }
    List<Integer> grams = new ArrayList<>();
    List<Integer> novelGrams = new ArrayList<>();
    for (int n = 1; n <= LONGEST_GRAM; n++) {
      Set<List<String>> known = new HashSet<>(runs(from, n));
      List<List<String>> own = runs(to, n);
      grams.add(own.size());
      novelGrams.add((int) own.stream().filter(gram -> !known.contains(gram)).count());
    }
    boolean start =
        from.size() >= startWords
            && to.size() >= startWords
            && from.subList(0, startWords).equals(to.subList(0, startWords));
    return new Copied(sentences, novel, whole, grams, novelGrams, start);
  }

  /** Whether the output says something and no sentence of it is its own. */
  public boolean everything() {
    return sentences > 0 && novelSentences == 0;
  }

  private static List<List<String>> runs(List<String> words, int n) {
    List<List<String>> runs = new ArrayList<>();
    for (int i = 0; i + n <= words.size(); i++) {
      runs.add(words.subList(i, i + n));
    }
    return runs;
  }

  /** The words of a text, without case and punctuation. */
  static List<String> words(String text) {
    String plain =
        Normalizer.normalize(text, Normalizer.Form.NFKC)
            .toLowerCase(Locale.ROOT)
            .replaceAll("['\u2019]", "");
    return Arrays.stream(plain.split("[^\\p{L}\\p{M}\\p{N}]+", -1))
        .filter(word -> !word.isEmpty())
        .toList();
  }

  /** The words in one string in which each has a space on both sides. */
  private static String spaced(List<String> words) {
    return words.stream().collect(Collectors.joining(" ", " ", " "));
  }
}

package plaudit.eval.rouge;

import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Porter's stemmer (1980) in the variant of ROUGE-1.5.5, in which step 4 differs from the paper and
 * from every stemmer library: "-ement", "-ment" and "-ent" are tried one after another ("element"
 * becomes "elem"), and "-sion", "-tion" once more after the other suffixes ("dimensional" becomes
 * "dimens"). Scores are only comparable if stems are, hence a stemmer of our own.
 *
 * <p>A word is [C](VC)^m[V] with runs of consonants C and of vowels V; m, the measure, says how
 * much of a word is left before a suffix.
 */
final class RougeStemmer {

  private static final String C = "[^aeiou][^aeiouy]*";
  private static final String V = "[aeiouy][aeiou]*";
  private static final Pattern HAS_VOWEL = Pattern.compile("(?:" + C + ")?[aeiouy]");
  private static final Pattern MEASURE_ABOVE_0 = Pattern.compile("(?:" + C + ")?" + V + C);
  private static final Pattern MEASURE_ABOVE_1 = Pattern.compile("(?:" + C + ")?" + V + C + V + C);
  private static final Pattern MEASURE_1 =
      Pattern.compile("(?:" + C + ")?" + V + C + "(?:" + V + ")?");

  /** Consonants, a vowel and a consonant that is none of w, x, y: "hop", not "show". */
  private static final Pattern SHORT = Pattern.compile(C + "[aeiouy][^aeiouwxy]");

  /** Two of the same, such as "hopp"; l, s and z may stay double. */
  private static final Pattern DOUBLE = Pattern.compile(".*([^aeiouylsz])\\1");

  private record Rule(String suffix, String replacement) {}

  private static final List<Rule> STEP_2 =
      rules(
          "ational ate tional tion enci ence anci ance izer ize bli ble alli al entli ent eli e"
              + " ousli ous ization ize ation ate ator ate alism al iveness ive fulness ful"
              + " ousness ous aliti al iviti ive biliti ble logi log");
  private static final List<Rule> STEP_3 =
      rules("icate ic ative - alize al iciti ic ical ic ful - ness -");
  private static final List<Rule> STEP_4 =
      rules(
          "al - ance - ence - er - ic - able - ible - ant - ement - ou - ism - ate - iti - ous -"
              + " ive - ize -");

  private RougeStemmer() {}

  /** The stem of a word in lower case. */
  static String stem(String word) {
    if (word.length() < 3) {
      return word;
    }
    // A capital is no vowel: a y at the start is a consonant.
    boolean y = word.charAt(0) == 'y';
    String w = y ? 'Y' + word.substring(1) : word;
    w = withoutPlural(w);
    w = withoutPast(w);
    if (w.endsWith("y") && HAS_VOWEL.matcher(cut(w, 1)).lookingAt()) {
      w = cut(w, 1) + 'i';
    }
    w = replaced(w, STEP_2, MEASURE_ABOVE_0);
    w = replaced(w, STEP_3, MEASURE_ABOVE_0);
    w = withoutSuffixes(w);
    w = withoutFinalE(w);
    return y ? 'y' + w.substring(1) : w;
  }

  /** Step 1a. */
  private static String withoutPlural(String w) {
    if (w.endsWith("sses") || w.endsWith("ies")) {
      return cut(w, 2);
    }
    return w.endsWith("s") && !w.endsWith("ss") ? cut(w, 1) : w;
  }

  /** Step 1b. */
  private static String withoutPast(String w) {
    if (w.endsWith("eed")) {
      return MEASURE_ABOVE_0.matcher(cut(w, 3)).lookingAt() ? cut(w, 1) : w;
    }
    String stem = w.endsWith("ed") ? cut(w, 2) : w.endsWith("ing") ? cut(w, 3) : "";
    if (!HAS_VOWEL.matcher(stem).lookingAt()) {
      return w;
    }
    if (stem.endsWith("at") || stem.endsWith("bl") || stem.endsWith("iz")) {
      return stem + 'e';
    }
    if (DOUBLE.matcher(stem).matches()) {
      return cut(stem, 1);
    }
    return SHORT.matcher(stem).matches() ? stem + 'e' : stem;
  }

  /** Step 4, with ROUGE's second looks. */
  private static String withoutSuffixes(String word) {
    String w = replaced(word, STEP_4, MEASURE_ABOVE_1);
    if (w.endsWith("ment") && MEASURE_ABOVE_1.matcher(cut(w, 4)).lookingAt()) {
      w = cut(w, 4);
    }
    if (w.endsWith("ent")) {
      return MEASURE_ABOVE_1.matcher(cut(w, 3)).lookingAt() ? cut(w, 3) : w;
    }
    boolean ion = w.endsWith("sion") || w.endsWith("tion");
    return ion && MEASURE_ABOVE_1.matcher(cut(w, 3)).lookingAt() ? cut(w, 3) : w;
  }

  /** Step 5. */
  private static String withoutFinalE(String word) {
    String w = word;
    if (w.endsWith("e")) {
      String stem = cut(w, 1);
      if (MEASURE_ABOVE_1.matcher(stem).lookingAt()
          || (MEASURE_1.matcher(stem).matches() && !SHORT.matcher(stem).matches())) {
        w = stem;
      }
    }
    return w.endsWith("ll") && MEASURE_ABOVE_1.matcher(w).lookingAt() ? cut(w, 1) : w;
  }

  /** The longest suffix that is there decides, whether its stem passes or not. */
  private static String replaced(String w, List<Rule> longestFirst, Pattern stemBegins) {
    for (Rule rule : longestFirst) {
      if (w.endsWith(rule.suffix)) {
        String stem = cut(w, rule.suffix.length());
        return stemBegins.matcher(stem).lookingAt() ? stem + rule.replacement : w;
      }
    }
    return w;
  }

  private static String cut(String w, int characters) {
    return w.substring(0, w.length() - characters);
  }

  /** Pairs of a suffix and what takes its place, "-" for nothing. */
  private static List<Rule> rules(String pairs) {
    String[] words = pairs.split(" ", -1);
    return Stream.iterate(0, i -> i < words.length, i -> i + 2)
        .map(i -> new Rule(words[i], words[i + 1].equals("-") ? "" : words[i + 1]))
        .sorted(Comparator.comparingInt((Rule rule) -> rule.suffix.length()).reversed())
        .toList();
  }
}

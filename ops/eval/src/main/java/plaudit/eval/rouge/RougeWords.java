package plaudit.eval.rouge;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.StringTokenizer;

/**
 * A text's words as ROUGE-1.5.5 has them: capitals made small, everything but ASCII letters and
 * digits a space. With stemming (ROUGE's {@code -m}), words of more than three characters become
 * their stems; shorter ones stay.
 */
public final class RougeWords {

  private static final int LONGEST_UNSTEMMED = 3;

  private final boolean stem;
  private final Map<String, String> irregular;

  private RougeWords(boolean stem, Map<String, String> irregular) {
    this.stem = stem;
    this.irregular = Map.copyOf(irregular);
  }

  /** Words as they are. */
  public static RougeWords plain() {
    return new RougeWords(false, Map.of());
  }

  /**
   * Stems.
   *
   * @param irregular words with the base form that takes the place of a stem, such as {@code went}
   *     and {@code go}; ROUGE-1.5.5 has WordNet's, most programs since have none
   */
  public static RougeWords stemmed(Map<String, String> irregular) {
    return new RougeWords(true, irregular);
  }

  /** The words of {@code text}, in order. */
  public List<String> of(String text) {
    StringBuilder plain = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c >= 'A' && c <= 'Z') {
        plain.append((char) (c - 'A' + 'a'));
      } else {
        plain.append((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? c : ' ');
      }
    }
    List<String> words = new ArrayList<>();
    StringTokenizer tokens = new StringTokenizer(plain.toString(), " ");
    while (tokens.hasMoreTokens()) {
      words.add(form(tokens.nextToken()));
    }
    return words;
  }

  private String form(String word) {
    if (!stem || word.length() <= LONGEST_UNSTEMMED) {
      return word;
    }
    String base = irregular.get(word);
    return base == null ? RougeStemmer.stem(word) : base;
  }
}

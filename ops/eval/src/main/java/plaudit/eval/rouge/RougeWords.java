package plaudit.eval.rouge;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.StringTokenizer;
import plaudit.data.TextFile;
import plaudit.input.InvalidInputException;

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

  /**
   * Reads a file of words and their base forms, {@code went go} on a line, or a folder of such
   * files that end in {@code .exc}, as WordNet has them.
   */
  public static Map<String, String> irregularForms(Path path) {
    Map<String, String> forms = new HashMap<>();
    List<Path> files =
        Files.isDirectory(path)
            ? TextFile.list(path).stream()
                .filter(file -> TextFile.fileName(file).endsWith(".exc"))
                .toList()
            : List.of(path);
    for (Path file : files) {
      try (TextFile lines = TextFile.open(file)) {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
          String[] columns = line.strip().split("\\s+", -1);
          if (columns.length < 2) {
            throw InvalidInputException.of(lines.place(), line, "a word and its base form");
          }
          forms.put(columns[0], columns[1]);
        }
      }
    }
    if (forms.isEmpty()) {
      throw InvalidInputException.of("--irregular", path, "at least one word and base form");
    }
    return forms;
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

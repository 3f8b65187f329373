package plaudit.eval.measure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import plaudit.input.InvalidInputException;

/**
 * Words with their valence: a table of {@code word<TAB>valence}, further columns ignored (VADER's
 * file is read as it is), {@code #} at the start of a line for comments. Words are compared in
 * lower case; what has letters but no tab or no number is refused with its line.
 */
public final class Lexicon {

  private final Map<String, Double> valences;

  private Lexicon(Map<String, Double> valences) {
    this.valences = Map.copyOf(valences);
  }

  /** Reads a file in UTF-8. */
  public static Lexicon load(Path file) {
    try {
      return parse(Files.readAllLines(file), file.toString());
    } catch (IOException e) {
      throw new InvalidInputException(
          "lexicon: %s cannot be read (expected: a text file of word<TAB>valence)".formatted(file),
          e);
    }
  }

  /**
   * Reads lines.
   *
   * @param name what to call them in an error
   */
  public static Lexicon parse(List<String> lines, String name) {
    Map<String, Double> valences = new HashMap<>();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      if (line.isBlank() || line.startsWith("#")) {
        continue;
      }
      String[] columns = line.split("\t", -1);
      String word = normal(columns[0].strip());
      if (columns.length < 2 || word.isEmpty()) {
        throw bad(name, i, line);
      }
      try {
        double valence = Double.parseDouble(columns[1].strip());
        if (!Double.isFinite(valence)) {
          throw bad(name, i, line);
        }
        valences.put(word, valence);
      } catch (NumberFormatException e) {
        throw bad(name, i, line);
      }
    }
    if (valences.isEmpty()) {
      throw InvalidInputException.of("lexicon", name, "at least one line of word<TAB>valence");
    }
    return new Lexicon(valences);
  }

  /** Whether the word has a valence. */
  public boolean knows(String word) {
    return valences.containsKey(normal(word));
  }

  /** The word's valence, 0 for a word without. */
  public double valence(String word) {
    return valences.getOrDefault(normal(word), 0d);
  }

  /** How many words. */
  public int size() {
    return valences.size();
  }

  private static String normal(String word) {
    return word.toLowerCase(Locale.ROOT).replace('\u2019', '\'');
  }

  private static InvalidInputException bad(String name, int index, String line) {
    String shown = line.length() <= 60 ? line : line.substring(0, 60) + "...";
    return InvalidInputException.of(
        "lexicon %s, line %d".formatted(name, index + 1), shown, "word<TAB>valence");
  }
}

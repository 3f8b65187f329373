package plaudit.eval.measure;

import java.text.BreakIterator;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The sentences of a text. A line break always ends one; within a line the JDK's rules for English
 * do, which know full stops, question and exclamation marks and quotes, but take "Dr. Smith" for
 * two sentences.
 */
public final class Sentences {

  private Sentences() {}

  /** The lines of {@code text} that are not blank: each is taken for one sentence. */
  public static List<String> lines(String text) {
    return text.lines().map(String::strip).filter(line -> !line.isEmpty()).toList();
  }

  /** The sentences of {@code text} that are not blank. */
  public static List<String> of(String text) {
    List<String> sentences = new ArrayList<>();
    BreakIterator breaks = BreakIterator.getSentenceInstance(Locale.ENGLISH);
    for (String line : lines(text)) {
      breaks.setText(line);
      int from = breaks.first();
      for (int to = breaks.next(); to != BreakIterator.DONE; from = to, to = breaks.next()) {
        String sentence = line.substring(from, to).strip();
        if (!sentence.isEmpty()) {
          sentences.add(sentence);
        }
      }
    }
    return sentences;
  }
}

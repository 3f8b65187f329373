package plaudit.eval.copying;

import java.util.List;
import java.util.Set;

/**
 * How an input opens where a summary should not begin with it (paper 5.4). A model that copies the
 * start but skips such preambles has learned where summaries are found.
 */
public enum Preamble {
  /** A greeting, as posts on Reddit open with. */
  GREETING {
    @Override
    public boolean opens(String input) {
      List<String> words = Copied.words(input);
      return !words.isEmpty() && GREETINGS.contains(words.get(0));
    }
  },

  /** A colon in the first three words, as in the datelines of news. */
  COLON {
    @Override
    public boolean opens(String input) {
      String[] chunks = input.strip().split("\\s+", 4);
      for (int i = 0; i < Math.min(3, chunks.length); i++) {
        if (chunks[i].contains(":")) {
          return true;
        }
      }
      return false;
    }
  };

  private static final Set<String> GREETINGS = Set.of("hi", "hello", "hey", "ok", "okay", "so");

  /** Whether {@code input} opens so. */
  public abstract boolean opens(String input);
}

package plaudit.language;

import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.function.ObjLongConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How often each word occurs in a corpus, where a word is what GPT-2 never merges across. */
final class WordCounts {

  /** GPT-2's split; white space and letters as Unicode has them. */
  static final Pattern GPT2_WORD =
      Pattern.compile(
          "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
          Pattern.UNICODE_CHARACTER_CLASS);

  private final Map<String, long[]> counts = new HashMap<>();

  /** Counts the words of one document in {@code every}, the first included. */
  static WordCounts of(Iterator<String> documents, int every) {
    WordCounts words = new WordCounts();
    for (long seen = 0; documents.hasNext(); seen++) {
      String document = documents.next();
      if (seen % every == 0) {
        words.add(document);
      }
    }
    return words;
  }

  void add(String document) {
    Matcher word = GPT2_WORD.matcher(document);
    while (word.find()) {
      counts.computeIfAbsent(word.group(), w -> new long[1])[0]++;
    }
  }

  int distinct() {
    return counts.size();
  }

  void forEach(ObjLongConsumer<String> action) {
    counts.forEach((word, count) -> action.accept(word, count[0]));
  }
}

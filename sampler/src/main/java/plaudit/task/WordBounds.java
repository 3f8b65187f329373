package plaudit.task;

import plaudit.model.Tokenizer;
import plaudit.tokens.Tokens;

/** Where tokens may be cut so that no word is. */
final class WordBounds {

  /** The longest word that is looked for, in tokens: text without words is cut anywhere. */
  private static final int LONGEST = 24;

  private final Tokenizer tokenizer;

  WordBounds(Tokenizer tokenizer) {
    this.tokenizer = tokenizer;
  }

  /** The most tokens, at most {@code most}, after which a word ends. */
  int endWithin(Tokens tokens, int most) {
    for (int end = most; end > Math.max(0, most - LONGEST); end--) {
      if (isBetweenWords(tokens, end) && !endsWithABlank(tokens, end)) {
        return end;
      }
    }
    return most;
  }

  /** The first place from {@code least} on where a word begins. */
  int startFrom(Tokens tokens, int least) {
    for (int start = least; start < Math.min(tokens.length(), least + LONGEST); start++) {
      if (isBetweenWords(tokens, start)) {
        return start;
      }
    }
    return least;
  }

  /** A blank is spelled with the word after it. */
  private boolean endsWithABlank(Tokens tokens, int end) {
    String last = tokenizer.decode(tokens.slice(end - 1, end));
    return !last.isEmpty() && Character.isWhitespace(last.codePointBefore(last.length()));
  }

  private boolean isBetweenWords(Tokens tokens, int at) {
    if (at == 0 || at >= tokens.length()) {
      return true;
    }
    int from = Math.max(0, at - LONGEST);
    String left = tokenizer.decode(tokens.slice(from, at));
    String both = tokenizer.decode(tokens.slice(from, at + 1));
    if (left.isEmpty() || both.length() <= left.length() || !both.startsWith(left)) {
      return false; // a character that is not whole yet
    }
    int before = left.codePointBefore(left.length());
    int after = both.codePointAt(left.length());
    return !(isOfAWord(before) && isOfAWord(after));
  }

  /** Letters, digits and apostrophes, but no ideographs, each of which may be a word. */
  private static boolean isOfAWord(int character) {
    return (Character.isLetterOrDigit(character) && !Character.isIdeographic(character))
        || Character.getType(character) == Character.NON_SPACING_MARK
        || character == '\''
        || character == '\u2019';
  }
}

package plaudit.data;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Parts a news story of the CNN/Daily Mail collection into the article and its highlights, and
 * cleans the article as the released code (2019) does: the byline goes, so does everything up to
 * {@code (CNN) --} or an early {@code (CNN)} and up to the date of an {@code UPDATED:} line;
 * quotation marks are straightened, the encoding is repaired, empty lines are collapsed.
 *
 * <p>Knowingly different: an article that merely begins with the word "By" keeps its first lines,
 * and the years of {@code UPDATED:} lines are years (the released pattern has a class of characters
 * there, which any digit from 0 to 5 satisfies).
 */
final class NewsText {

  private static final String HIGHLIGHT = "@highlight";

  /** "By", alone or before a few words that end no sentence. */
  private static final Pattern BYLINE = Pattern.compile("By(\\s*|:?(\\s+[^\\s.!?\"]+\\.?){1,8})");

  private static final int EARLY = 100; // characters
  private static final String CNN = "(CNN)";
  private static final Pattern DATELINE = Pattern.compile("\\(CNN\\) +--");
  private static final Pattern SECOND_AUTHOR = Pattern.compile("\\Aand \\w+\\n");
  private static final Pattern UPDATED =
      Pattern.compile(".*UPDATED:\\s+[0-9]{2}:[0-9]{2}.*(2011|2012|2013|2014|2015)");
  private static final Pattern SENTENCE_END = Pattern.compile(".*[.!?'`\")\\u2019\\u201d]");

  private NewsText() {}

  /** What is reported. */
  static String article(String story) {
    int end = story.indexOf(HIGHLIGHT);
    String text = withoutByline(end < 0 ? story : story.substring(0, end));
    text = afterLast(DATELINE, text);
    int cnn = text.substring(0, Math.min(EARLY, text.length())).lastIndexOf(CNN);
    text = cnn < 0 ? text : text.substring(cnn + CNN.length());
    text = SECOND_AUTHOR.matcher(text).replaceFirst("");
    text = afterLast(UPDATED, text);
    return TextRepair.collapsed(TextRepair.repair(text.strip())).strip();
  }

  /** The editors' highlights, a sentence each: the reference summary is their sequence. */
  static List<String> highlights(String story) {
    List<String> sentences = new ArrayList<>();
    int at = story.indexOf(HIGHLIGHT);
    if (at >= 0) {
      for (String line : TextRepair.repair(story.substring(at)).split("\n", -1)) {
        String sentence = line.strip();
        if (!sentence.isEmpty() && !sentence.startsWith(HIGHLIGHT)) {
          sentences.add(SENTENCE_END.matcher(sentence).matches() ? sentence : sentence + ".");
        }
      }
    }
    return sentences;
  }

  private static String withoutByline(String text) {
    int end = text.indexOf('\n');
    if (end < 0 || !BYLINE.matcher(text.substring(0, end).stripTrailing()).matches()) {
      return text;
    }
    int second = text.indexOf('\n', end + 1);
    return second < 0 ? "" : text.substring(second + 1);
  }

  private static String afterLast(Pattern pattern, String text) {
    var found = pattern.matcher(text);
    int end = 0;
    while (found.find()) {
      end = found.end();
    }
    return text.substring(end);
  }
}

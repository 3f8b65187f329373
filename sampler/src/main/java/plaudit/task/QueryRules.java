package plaudit.task;

import java.util.OptionalInt;
import plaudit.input.InvalidInputException;

/**
 * How a text becomes a query (paper 2.1 and 3.1).
 *
 * @param prefix text before every query; may be empty
 * @param suffix text after every query; may be empty
 * @param minLength the fewest tokens of the body; a text of which fewer are left is skipped
 * @param maxLength the most tokens of the body, {@code >= 1}
 * @param tooLong what happens to a longer one
 * @param startToken the body begins after its first occurrence; a text without it is skipped
 * @param endToken the body ends with its last occurrence; a text without it is skipped
 */
public record QueryRules(
    String prefix,
    String suffix,
    int minLength,
    int maxLength,
    TooLong tooLong,
    OptionalInt startToken,
    OptionalInt endToken) {

  /** Where the body stands in a template. */
  public static final String BODY = "{}";

  /** What to do with a text that has more tokens than there is room for. */
  public enum TooLong {
    /** Keep the first tokens, as the paper does. */
    CUT_END,
    /** Keep the last tokens, as suits a dialogue. */
    CUT_START,
    /** Leave it out and count it. */
    SKIP,
    /** Refuse the whole input with a message that names it. */
    REFUSE
  }

  public QueryRules {
    if (maxLength < 1) {
      throw InvalidInputException.of("query length", maxLength, ">= 1");
    }
    if (minLength < 1 || minLength > maxLength) {
      throw InvalidInputException.of("fewest tokens of a query", minLength, "1 to " + maxLength);
    }
  }

  /** The text as it is, refused where it does not fit. */
  public static QueryRules plain() {
    return new QueryRules(
        "", "", 1, Integer.MAX_VALUE, TooLong.REFUSE, OptionalInt.empty(), OptionalInt.empty());
  }

  /** These rules with a template such as {@code [inst] {} [/inst]} around the text. */
  public QueryRules withTemplate(String template) {
    int at = template.indexOf(BODY);
    if (at < 0 || template.indexOf(BODY, at + 1) >= 0) {
      throw InvalidInputException.of("query template", template, "a text with {} in one place");
    }
    return new QueryRules(
        template.substring(0, at),
        template.substring(at + BODY.length()),
        minLength,
        maxLength,
        tooLong,
        startToken,
        endToken);
  }

  /** These rules with another length. */
  public QueryRules withMaxLength(int tokens, TooLong otherwise) {
    return new QueryRules(prefix, suffix, minLength, tokens, otherwise, startToken, endToken);
  }

  /** These rules with another least length. */
  public QueryRules withMinLength(int tokens) {
    return new QueryRules(prefix, suffix, tokens, maxLength, tooLong, startToken, endToken);
  }

  /** These rules with a start and an end token, or without. */
  public QueryRules withEnds(OptionalInt start, OptionalInt end) {
    return new QueryRules(prefix, suffix, minLength, maxLength, tooLong, start, end);
  }
}

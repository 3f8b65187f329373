package plaudit.language;

import plaudit.tokens.Tokens;

/**
 * A text that shows a model what to write.
 *
 * @param query what it reads, at least one token; not learned
 * @param response what it is to write after that, at least one token
 */
public record Demonstration(Tokens query, Tokens response) {

  public Demonstration {
    if (query.length() < 1 || response.length() < 1) {
      throw new IllegalArgumentException(
          "tokens of query and response: %d, %d (expected: at least one of each)"
              .formatted(query.length(), response.length()));
    }
  }
}

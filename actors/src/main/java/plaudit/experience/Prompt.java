package plaudit.experience;

import plaudit.tokens.Tokens;

/**
 * A query to sample responses to.
 *
 * @param id unique over the whole run: the position in its stream ({@link ShuffledPrompts})
 * @param query the query's tokens, unpadded, at least one
 */
public record Prompt(long id, Tokens query) {
  public Prompt {
    if (id < 0) {
      throw new IllegalArgumentException("prompt id: " + id + " (expected: >= 0)");
    }
    if (query.length() == 0) {
      throw new IllegalArgumentException("query of prompt " + id + " is empty (expected: tokens)");
    }
  }
}

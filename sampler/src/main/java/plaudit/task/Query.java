package plaudit.task;

import java.util.stream.Stream;
import plaudit.tokens.Tokens;

/**
 * A text as the policy reads it: prefix, body and suffix, unpadded.
 *
 * <p>Paper 3.1 lets the reward model read the body alone; a chat template's marks belong to both.
 * The caller that builds a sequence chooses.
 *
 * @param prefix what the template puts before
 * @param body the text itself, cut as the rules say; at least one token
 * @param suffix what the template puts after
 */
public record Query(Tokens prefix, Tokens body, Tokens suffix) implements QueryOutcome {

  /** All of it, as the policy continues it. */
  public Tokens tokens() {
    return prefix.concat(body).concat(suffix);
  }

  static int length(Tokens... parts) {
    return Stream.of(parts).mapToInt(Tokens::length).sum();
  }
}

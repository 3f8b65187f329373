package plaudit.eval;

import java.util.Optional;
import plaudit.eval.texts.QueryResponse;
import plaudit.tokens.Tokens;

/**
 * A response to be scored.
 *
 * @param answer the texts
 * @param written the tokens they were written in, if a model here wrote them
 */
public record Passage(QueryResponse answer, Optional<Written> written) {

  /** A text from elsewhere. */
  public static Passage of(QueryResponse answer) {
    return new Passage(answer, Optional.empty());
  }

  /** Tokens as they were sampled: encoding the text again may give others. */
  public record Written(Tokens query, Tokens response) {}
}

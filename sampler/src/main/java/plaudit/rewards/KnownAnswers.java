package plaudit.rewards;

import java.util.List;
import java.util.Map;
import plaudit.tokens.Tokens;

/**
 * The answers that the data has for its queries.
 *
 * @param byQuery in the data's order
 */
public record KnownAnswers(Map<Tokens, List<String>> byQuery) {

  /** None. */
  public static final KnownAnswers NONE = new KnownAnswers(Map.of());

  public KnownAnswers {
    byQuery = Map.copyOf(byQuery);
  }

  /** Those of one query, often none. */
  public List<String> of(Tokens query) {
    return byQuery.getOrDefault(query, List.of());
  }
}

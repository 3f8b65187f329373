package plaudit.experience;

import java.util.List;

/**
 * The decks a buffer deals from, one for each {@link Purpose}, with ids of their own.
 *
 * @param policy prompts of policy work
 * @param questions prompts of questions
 * @param validations prompts of validation questions
 */
public record Decks(PromptDeck policy, PromptDeck questions, PromptDeck validations) {

  /** Decks over the same queries, in different orders. */
  public static Decks of(List<Tokens> queries, long seed) {
    return new Decks(
        new PromptDeck(queries, seed),
        PromptDeck.forQuestions(queries, seed),
        PromptDeck.forValidations(queries, seed));
  }

  PromptDeck of(Purpose purpose) {
    return switch (purpose) {
      case POLICY -> policy;
      case QUESTION -> questions;
      case VALIDATION -> validations;
    };
  }
}

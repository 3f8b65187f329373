package plaudit.experience;

import java.util.List;
import plaudit.tokens.Tokens;

/**
 * The prompt streams of a run, one for each {@link Purpose}, with ids of their own.
 *
 * @param policy prompts of policy work
 * @param questions prompts of questions
 * @param validations prompts of validation questions
 */
public record PromptStreams(
    ShuffledPrompts policy, ShuffledPrompts questions, ShuffledPrompts validations) {

  /** Streams over the same queries, in different orders. */
  public static PromptStreams of(List<Tokens> queries, long seed) {
    return new PromptStreams(
        new ShuffledPrompts(queries, seed),
        ShuffledPrompts.forQuestions(queries, seed),
        ShuffledPrompts.forValidations(queries, seed));
  }

  ShuffledPrompts of(Purpose purpose) {
    return switch (purpose) {
      case POLICY -> policy;
      case QUESTION -> questions;
      case VALIDATION -> validations;
    };
  }
}

package plaudit.experience;

import plaudit.input.InvalidInputException;

/**
 * Where a buffer begins to count: at zero in a new run, at what the run has done before in a
 * resumed one.
 *
 * @param version the policy version; its batches count as consumed
 * @param questions comparisons asked, validation apart
 * @param validations validation comparisons asked
 * @param questionsDealt prompts drawn from the stream of questions, asked or not
 * @param validationsDealt prompts drawn from the stream of validation questions
 */
public record Start(
    long version, long questions, long validations, long questionsDealt, long validationsDealt) {

  /** The start of a new run. */
  public static final Start FRESH = new Start(0, 0, 0);

  public Start {
    if (version < 0
        || questions < 0
        || validations < 0
        || questionsDealt < 0
        || validationsDealt < 0) {
      throw InvalidInputException.of(
          "start version, questions, validations, dealt",
          "%d, %d, %d, %d, %d"
              .formatted(version, questions, validations, questionsDealt, validationsDealt),
          "none below 0");
    }
  }

  /**
   * No questions drawn: the streams are at their beginning, or {@link ShuffledPrompts#skip} some.
   */
  public Start(long version, long questions, long validations) {
    this(version, questions, validations, 0, 0);
  }

  /** As a new run, but for the version. */
  public static Start at(long version) {
    return new Start(version, 0, 0);
  }
}

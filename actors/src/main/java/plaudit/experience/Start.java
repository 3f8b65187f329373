package plaudit.experience;

import plaudit.input.InvalidInputException;

/**
 * Where a buffer begins to count: nowhere in a new run, at what an earlier part of it has done in a
 * resumed one.
 *
 * @param version the policy version; its batches count as consumed
 * @param questions comparisons asked, validation apart
 * @param validations validation comparisons asked
 */
public record Start(long version, long questions, long validations) {

  /** The start of a new run. */
  public static final Start FRESH = new Start(0, 0, 0);

  public Start {
    if (version < 0 || questions < 0 || validations < 0) {
      throw InvalidInputException.of(
          "start version, questions, validations",
          "%d, %d, %d".formatted(version, questions, validations),
          "none below 0");
    }
  }

  /** Only the version is not that of a new run. */
  public static Start at(long version) {
    return new Start(version, 0, 0);
  }
}

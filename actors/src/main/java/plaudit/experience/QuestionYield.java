package plaudit.experience;

import java.math.BigDecimal;
import java.util.Locale;
import java.util.Optional;

/**
 * What became of the responses that were written for questions to people.
 *
 * @param questions comparisons that were made of them
 * @param responses responses written
 * @param usable those that people may be shown: they end, and no other one of the prompt reads the
 *     same
 * @param givenUp prompts that had too few of these within the limit
 */
public record QuestionYield(long questions, long responses, long usable, long givenUp) {

  /** Nothing was written yet. */
  public static final QuestionYield NONE = new QuestionYield(0, 0, 0, 0);

  /** Both together. */
  public QuestionYield plus(QuestionYield other) {
    return new QuestionYield(
        questions + other.questions,
        responses + other.responses,
        usable + other.usable,
        givenUp + other.givenUp);
  }

  /** What has come since {@code earlier}. */
  public QuestionYield minus(QuestionYield earlier) {
    return new QuestionYield(
        questions - earlier.questions,
        responses - earlier.responses,
        usable - earlier.usable,
        givenUp - earlier.givenUp);
  }

  /** The share of responses that people may be shown; 0 without a response. */
  public double share() {
    return responses == 0 ? 0 : (double) usable / responses;
  }

  /** Such as {@code of 8,400 responses 2,350 can be shown; a question costs 14 responses}. */
  public String words() {
    return String.format(
        Locale.ROOT,
        "of %,d responses %,d can be shown; %s%s",
        responses,
        usable,
        cost(),
        givenUp == 0 ? "" : "; " + count(givenUp, "prompt") + " given up");
  }

  /** Such as {@code a question costs 14 responses}. */
  public String cost() {
    return questions == 0
        ? "no question came of them"
        : "a question costs " + count(Math.round((double) responses / questions), "response");
  }

  /**
   * Why the run should stop, if so few responses can be shown that people or a vendor would be paid
   * for next to nothing.
   *
   * @param least the least share that is worth it
   * @param enough responses after which that can be said
   */
  public Optional<String> tooLow(double least, long enough) {
    return responses < enough || share() >= least
        ? Optional.empty()
        : Optional.of(
            String.format(
                Locale.ROOT,
                "question yield: %.1f %%, %s (expected: >= %s %%, experience.least-yield; see"
                    + " task.truncate-after and task.truncate-token)",
                100 * share(),
                words(),
                BigDecimal.valueOf(100 * least).stripTrailingZeros().toPlainString()));
  }

  private static String count(long number, String noun) {
    return String.format(Locale.ROOT, "%,d %s%s", number, noun, number == 1 ? "" : "s");
  }
}

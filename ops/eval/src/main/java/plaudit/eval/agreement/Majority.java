package plaudit.eval.agreement;

import java.util.OptionalInt;

/** What several people say together (paper 5.1: three labelers, majority). */
public final class Majority {

  private Majority() {}

  /**
   * The response that more than half of the judgments name. A judgment without a preference counts
   * against everyone: one for A, one for B and one for neither is no majority.
   */
  public static OptionalInt of(JudgedItem item) {
    return item.counts().entrySet().stream()
        .filter(count -> count.getKey() != JudgedItem.NO_PREFERENCE)
        .filter(count -> 2 * count.getValue() > item.answers().size())
        .mapToInt(count -> count.getKey())
        .findFirst();
  }
}

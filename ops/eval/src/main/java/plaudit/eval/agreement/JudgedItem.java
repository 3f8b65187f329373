package plaudit.eval.agreement;

import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;

/**
 * One comparison with the answers it got.
 *
 * @param choices n, how many responses were shown
 * @param answers by labeler, the index of the response chosen, or {@link #NO_PREFERENCE}
 */
public record JudgedItem(int choices, Map<String, Integer> answers) {

  /** The answer that no response stands out; two people who say so agree. */
  public static final int NO_PREFERENCE = -1;

  public JudgedItem {
    answers = Collections.unmodifiableMap(new LinkedHashMap<>(answers));
    if (choices < 2) {
      throw new IllegalArgumentException("choices: " + choices + " (expected: >= 2)");
    }
    for (int answer : answers.values()) {
      if (answer < NO_PREFERENCE || answer >= choices) {
        throw new IllegalArgumentException(
            "answer: %d (expected: 0 to %d, or %d for none)"
                .formatted(answer, choices - 1, NO_PREFERENCE));
      }
    }
  }

  /** How often each answer was given. */
  Map<Integer, Integer> counts() {
    Map<Integer, Integer> counts = new HashMap<>();
    answers.values().forEach(answer -> counts.merge(answer, 1, Integer::sum));
    return counts;
  }

  /** The most votes that one answer has. */
  int largestVote() {
    return counts().values().stream().mapToInt(Integer::intValue).max().orElse(0);
  }

  /**
   * The response that more than half of the judgments name (paper 5.1: three labelers, majority). A
   * judgment without a preference counts against everyone: one for A, one for B and one for neither
   * is no majority.
   */
  public OptionalInt majority() {
    return counts().entrySet().stream()
        .filter(count -> count.getKey() != NO_PREFERENCE)
        .filter(count -> 2 * count.getValue() > answers.size())
        .mapToInt(count -> count.getKey())
        .findFirst();
  }

  /** The share of pairs of labelers that gave the same answer, of at least two labelers. */
  double pairsAgreed() {
    double m = answers.size();
    double agreed = counts().values().stream().mapToDouble(k -> k * (k - 1.0)).sum();
    return agreed / (m * (m - 1));
  }

  /** The share of the others who answered as this labeler did. */
  double agreedWith(String labeler) {
    int answer = Objects.requireNonNull(answers.get(labeler), labeler);
    return (counts().getOrDefault(answer, 0) - 1.0) / (answers.size() - 1.0);
  }
}

package plaudit.eval.agreement;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import plaudit.stats.Wilson;

/**
 * How far labelers agree with one another on the comparisons that several of them judged (paper
 * 5.7: 38 and 46 % on four responses).
 *
 * @param comparisons how many had one judgment or more
 * @param repeated how many of them had two or more: only these count below
 * @param judgments of the repeated ones
 * @param pairs the mean over comparisons of the share of pairs of labelers who agree; the interval
 *     takes each comparison for one trial, since its pairs are not independent
 * @param chance what dice would reach: the mean of 1/n over the n responses shown
 * @param aboveChance (pairs - chance) / (1 - chance): 0 is dice, 1 is perfect (Brennan and Prediger
 *     1981)
 * @param alpha Krippendorff's alpha; NaN where all answers are the same
 * @param votes how many comparisons had a largest vote of so many among so many
 * @param labelers by name, how each agrees with the rest
 */
public record AgreementReport(
    int comparisons,
    int repeated,
    int judgments,
    Wilson pairs,
    double chance,
    double aboveChance,
    double alpha,
    List<Vote> votes,
    List<LabelerAgreement> labelers) {

  public AgreementReport {
    votes = List.copyOf(votes);
    labelers = List.copyOf(labelers);
  }

  /**
   * How united labelers were.
   *
   * @param largest how many gave the answer that most gave
   * @param of how many judged
   * @param comparisons how often it was so
   */
  public record Vote(int largest, int of, int comparisons) {}

  /**
   * One labeler against the rest.
   *
   * @param labeler the name
   * @param comparisons judged together with others
   * @param agreed the mean over these of the share of the others who said the same
   */
  public record LabelerAgreement(String labeler, int comparisons, Wilson agreed) {}

  /** Measures; of items without a repeated one there is nothing to say, and that is refused. */
  public static AgreementReport of(List<JudgedItem> items) {
    List<JudgedItem> repeated = items.stream().filter(i -> i.answers().size() > 1).toList();
    if (repeated.isEmpty()) {
      throw new IllegalArgumentException("comparisons judged twice: 0 (expected: at least one)");
    }
    double agreed = repeated.stream().mapToDouble(JudgedItem::pairsAgreed).sum();
    double chance =
        repeated.stream().mapToDouble(item -> 1.0 / item.choices()).average().orElseThrow();
    Wilson pairs = wilson(agreed, repeated.size());
    return new AgreementReport(
        items.size(),
        repeated.size(),
        repeated.stream().mapToInt(item -> item.answers().size()).sum(),
        pairs,
        chance,
        (pairs.share() - chance) / (1 - chance),
        alpha(repeated),
        votes(repeated),
        labelers(repeated));
  }

  /**
   * Krippendorff's alpha for answers without an order (nominal): 1 - observed over expected
   * disagreement. 1 is perfect, 0 what people would reach who answer by chance with everyone's
   * frequencies, below 0 is worse than that. Unlike Fleiss' kappa it takes comparisons with
   * different numbers of labelers (Krippendorff 2011, "Computing Krippendorff's
   * Alpha-Reliability").
   *
   * <p>Pairs of values within an item of m answers count 1 / (m - 1) each, so that every answer has
   * the same weight. With o agreeing weight, n answers and n_c of them the answer c: alpha = 1 - (n
   * - 1) (n - o) / (n^2 - sum of n_c^2).
   *
   * @param items with at least two answers each
   * @return NaN where all answers are the same
   */
  private static double alpha(List<JudgedItem> items) {
    double n = 0;
    double agreeing = 0;
    Map<Integer, Double> totals = new HashMap<>();
    for (JudgedItem item : items) {
      double m = item.answers().size();
      n += m;
      for (Map.Entry<Integer, Integer> count : item.counts().entrySet()) {
        double k = count.getValue();
        agreeing += k * (k - 1) / (m - 1);
        totals.merge(count.getKey(), k, Double::sum);
      }
    }
    double squares = totals.values().stream().mapToDouble(total -> total * total).sum();
    double expected = n * n - squares;
    return expected == 0 ? Double.NaN : 1 - (n - 1) * (n - agreeing) / expected;
  }

  private static List<Vote> votes(List<JudgedItem> items) {
    Map<Integer, Map<Integer, Integer>> counts = new TreeMap<>();
    for (JudgedItem item : items) {
      counts
          .computeIfAbsent(item.answers().size(), m -> new TreeMap<>(Comparator.reverseOrder()))
          .merge(item.largestVote(), 1, Integer::sum);
    }
    List<Vote> votes = new ArrayList<>();
    counts.forEach((of, by) -> by.forEach((most, count) -> votes.add(new Vote(most, of, count))));
    return votes;
  }

  private static List<LabelerAgreement> labelers(List<JudgedItem> items) {
    Map<String, List<Double>> shares = new TreeMap<>();
    for (JudgedItem item : items) {
      for (String labeler : item.answers().keySet()) {
        shares.computeIfAbsent(labeler, l -> new ArrayList<>()).add(item.agreedWith(labeler));
      }
    }
    List<LabelerAgreement> labelers = new ArrayList<>();
    shares.forEach(
        (labeler, own) -> {
          double sum = own.stream().mapToDouble(Double::doubleValue).sum();
          labelers.add(new LabelerAgreement(labeler, own.size(), wilson(sum, own.size())));
        });
    return labelers;
  }

  /** Sums of shares may be off by rounding. */
  private static Wilson wilson(double sum, int trials) {
    return Wilson.of(Math.min(trials, Math.max(0, sum)), trials);
  }
}

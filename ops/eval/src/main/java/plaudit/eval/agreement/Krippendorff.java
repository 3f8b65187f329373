package plaudit.eval.agreement;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Krippendorff's alpha for answers without an order (nominal): 1 - observed over expected
 * disagreement. 1 is perfect, 0 what people would reach who answer by chance with everyone's
 * frequencies, below 0 is worse than that. Unlike Fleiss' kappa it takes comparisons with different
 * numbers of labelers (Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability").
 *
 * <p>Pairs of values within an item of m answers count 1 / (m - 1) each, so that every answer has
 * the same weight. With o agreeing weight, n answers and n_c of them the answer c: alpha = 1 - (n -
 * 1) (n - o) / (n^2 - sum of n_c^2).
 */
final class Krippendorff {

  private Krippendorff() {}

  /** Alpha of items with at least two answers each; NaN where all answers are the same. */
  static double alpha(List<JudgedItem> items) {
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
}

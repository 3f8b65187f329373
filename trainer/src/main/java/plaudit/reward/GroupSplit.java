package plaudit.reward;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which groups of rows (one query, one topic) only measure: whole groups, so that nothing a model
 * learned of a topic helps it there. The order in which groups are taken is a hash of their names
 * and a seed; the order of the file does not matter.
 *
 * @param seed another one gives another split
 */
public record GroupSplit(long seed) {

  /**
   * Groups that hold at least {@code share} of the rows together, or all but one.
   *
   * @param rows how many rows each group has
   */
  public Set<String> heldOut(Map<String, Integer> rows, double share) {
    double wanted = share * rows.values().stream().mapToInt(n -> n).sum();
    Set<String> heldOut = new LinkedHashSet<>();
    long taken = 0;
    for (String group : ordered(rows.keySet())) {
      if (taken >= wanted || heldOut.size() == rows.size() - 1) {
        break;
      }
      heldOut.add(group);
      taken += rows.getOrDefault(group, 0);
    }
    return heldOut;
  }

  /**
   * Every {@code of}-th group: over all folds each group is held out once.
   *
   * @param fold from 1 to {@code of}
   */
  public Set<String> fold(Set<String> groups, int fold, int of) {
    List<String> ordered = ordered(groups);
    Set<String> heldOut = new LinkedHashSet<>();
    for (int i = fold - 1; i < ordered.size(); i += of) {
      heldOut.add(ordered.get(i));
    }
    return heldOut;
  }

  private List<String> ordered(Set<String> groups) {
    List<String> ordered = new ArrayList<>(groups);
    ordered.sort(
        Comparator.comparingLong((String group) -> LabelSplit.hash(seed + "\n" + group))
            .thenComparing(group -> group));
    return ordered;
  }
}

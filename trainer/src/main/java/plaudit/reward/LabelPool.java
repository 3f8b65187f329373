package plaudit.reward;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import plaudit.labels.Choice;
import plaudit.labels.Judgment;
import plaudit.labels.Label;
import plaudit.stats.Agreement;
import plaudit.stats.Wins;

/**
 * All labels of a run, each person's newest judgment of each comparison. Its results depend on
 * which labels are there and never on the order in which they came, so that a late label and one
 * that was sent twice make the same reward model. Counts are kept up with each label: neither a new
 * label nor a count takes longer when there are more of them.
 */
public final class LabelPool {

  /** By comparison, then by who judged. */
  private final TreeMap<String, TreeMap<String, Label>> labels = new TreeMap<>();

  /** What the policy won by each validation label, by sequence. */
  private final TreeMap<Long, Double> validations = new TreeMap<>();

  private int preferences;
  private long agreeingPairs;
  private long pairs;

  /** One more label, or an amended one; an answer to an evaluation is left out. */
  public void add(Label label) {
    if (label.comparison().isEvaluation()) {
      return;
    }
    Judgment judgment = label.judgment();
    TreeMap<String, Label> sameComparison =
        labels.computeIfAbsent(judgment.comparisonId(), id -> new TreeMap<>());
    String who = judgment.vendor() + "\n" + judgment.labeler();
    Label earlier = sameComparison.get(who);
    if (earlier != null && earlier.sequence() >= label.sequence()) {
      return;
    }
    if (earlier != null) {
      sameComparison.remove(who);
      count(earlier, sameComparison, -1);
    }
    count(label, sameComparison, 1);
    sameComparison.put(who, label);
  }

  /**
   * Counts a label in, or out again.
   *
   * @param others labels of the same comparison
   * @param sign 1 or -1
   */
  private void count(Label label, Map<String, Label> others, int sign) {
    if (label.comparison().isValidation()) {
      if (sign > 0) {
        validations.put(label.sequence(), won(label));
      } else {
        validations.remove(label.sequence());
      }
    }
    if (label.judgment().choice() instanceof Choice.Best best) {
      preferences += sign;
      for (Label other : others.values()) {
        if (other.judgment().choice() instanceof Choice.Best theirs) {
          pairs += sign;
          agreeingPairs += theirs.index() == best.index() ? sign : 0;
        }
      }
    }
  }

  /** How much of a validation label's comparison the policy won: ties half. */
  private static double won(Label label) {
    return label.judgment().choice() instanceof Choice.Best best
        ? label.comparison().samples().get(best.index()).policyVersion() > 0 ? 1 : 0
        : .5;
  }

  /** How many name a best response. */
  public int preferences() {
    return preferences;
  }

  /** All labels, by comparison and person. */
  public List<Label> all() {
    List<Label> all = new ArrayList<>();
    labels.values().forEach(of -> all.addAll(of.values()));
    return all;
  }

  /**
   * How often people preferred the policy, over the newest {@code window} validation labels: a live
   * win rate (paper 1.4). Without preference counts half.
   */
  public Wins wins(int window) {
    double won = 0;
    long judged = 0;
    for (double newest : validations.descendingMap().values()) {
      if (judged == window) {
        break;
      }
      won += newest;
      judged++;
    }
    return new Wins(won, judged);
  }

  /**
   * How far people agree: of all pairs of people who preferred something of the same comparison,
   * those who preferred the same.
   */
  public Agreement betweenPeople() {
    return new Agreement(agreeingPairs, pairs);
  }
}

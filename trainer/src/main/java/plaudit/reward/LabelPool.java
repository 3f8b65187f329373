package plaudit.reward;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import plaudit.labels.Choice;
import plaudit.labels.Judgment;
import plaudit.labels.Label;
import plaudit.stats.Wilson;

/**
 * All labels of a run, each person's newest word on each comparison. What it answers depends on
 * which labels are there and never on the order in which they came, so that a late label and one
 * that was sent twice make the same reward model.
 */
public final class LabelPool {

  /** By comparison, then by who judged. */
  private final TreeMap<String, TreeMap<String, Label>> labels = new TreeMap<>();

  private int preferences;

  /** One more label, or an amended one. */
  public void add(Label label) {
    Judgment judgment = label.judgment();
    Map<String, Label> of = labels.computeIfAbsent(judgment.comparisonId(), id -> new TreeMap<>());
    String who = judgment.vendor() + "\n" + judgment.labeler();
    Label earlier = of.get(who);
    if (earlier == null || earlier.sequence() < label.sequence()) {
      of.put(who, label);
      preferences +=
          (isPreference(label) ? 1 : 0) - (earlier != null && isPreference(earlier) ? 1 : 0);
    }
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
    List<Label> judged =
        all().stream()
            .filter(label -> label.comparison().isValidation())
            .sorted((a, b) -> Long.compare(b.sequence(), a.sequence()))
            .limit(window)
            .toList();
    double won = 0;
    for (Label label : judged) {
      won +=
          label.judgment().choice() instanceof Choice.Best best
              ? label.comparison().samples().get(best.index()).policyVersion() > 0 ? 1 : 0
              : .5;
    }
    return new Wins(won, judged.size());
  }

  /**
   * How far people agree: of all pairs of people who preferred something of the same comparison,
   * those who preferred the same.
   */
  public Agreement betweenPeople() {
    long agreed = 0;
    long pairs = 0;
    for (Map<String, Label> of : labels.values()) {
      Map<Integer, Long> votes = new HashMap<>();
      for (Label label : of.values()) {
        if (label.judgment().choice() instanceof Choice.Best best) {
          votes.merge(best.index(), 1L, Long::sum);
        }
      }
      long people = votes.values().stream().mapToLong(n -> n).sum();
      pairs += people * (people - 1) / 2;
      agreed += votes.values().stream().mapToLong(n -> n * (n - 1) / 2).sum();
    }
    return new Agreement(agreed, pairs);
  }

  private static boolean isPreference(Label label) {
    return label.judgment().choice() instanceof Choice.Best;
  }

  /**
   * Comparisons the policy won.
   *
   * @param won ties half
   * @param judged of how many
   */
  public record Wins(double won, long judged) {
    /** The share, with its 95 % interval. */
    public Wilson rate() {
      return Wilson.of(won, judged);
    }
  }
}

package plaudit.rewards;

import java.util.List;

/**
 * A score by a program of your own. The class is named in {@code plaudit.reward.rule.class}, lies
 * on the class path and is listed in {@code META-INF/services/plaudit.rewards.Rule}; it has a
 * public constructor without parameters.
 */
@FunctionalInterface
public interface Rule {

  /**
   * A response in words.
   *
   * @param query what is answered
   * @param response as people read it, cut where it ends
   * @param tokens how many the cut response has
   * @param answers that the data has for the query, often none
   */
  record Judged(String query, String response, int tokens, List<String> answers) {}

  /**
   * The score: finite, higher is better, and a function of {@code judged} alone, since a replay
   * computes it again. One thread calls.
   */
  double score(Judged judged);
}

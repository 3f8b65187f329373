package plaudit.policy;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import plaudit.experience.Trajectory;

/**
 * Direct preference optimisation on fresh samples (Guo et al. 2024): of each group the response
 * with the highest score is preferred to the one with the lowest. A group of equal scores teaches
 * nothing.
 *
 * @param softLabels whether a pair's preference has the probability sigmoid(difference of scores),
 *     as the reward model says, rather than 1. With soft labels the optimum is that of PPO; with
 *     hard ones the policy goes on past it
 */
public record OnlineDpo(boolean softLabels) implements Objective {

  private static final Comparator<Trajectory> BY_SCORE =
      Comparator.comparingDouble(Trajectory::score);

  @Override
  public MinibatchTargets targets(
      List<List<Trajectory>> groups, double beta, ImportanceRatios proximal) {
    List<MinibatchTargets.Pair> pairs = new ArrayList<>();
    for (List<Trajectory> group : groups) {
      Trajectory best = group.stream().max(BY_SCORE).orElseThrow();
      Trajectory worst = group.stream().min(BY_SCORE).orElseThrow();
      double lead = best.score() - worst.score();
      if (lead > 0) {
        pairs.add(
            new MinibatchTargets.Pair(best, worst, softLabels ? 1 / (1 + Math.exp(-lead)) : 1));
      }
    }
    return new MinibatchTargets.PreferenceTargets(pairs);
  }

  @Override
  public int leastGroup() {
    return 2;
  }
}

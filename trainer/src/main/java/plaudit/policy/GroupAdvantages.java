package plaudit.policy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import plaudit.experience.Trajectory;

/** Advantages from comparing the responses to one prompt: one number a response, for each token. */
final class GroupAdvantages {

  private GroupAdvantages() {}

  /**
   * The lesson of a minibatch.
   *
   * @param advantages from the rewards of one group to its advantages
   */
  static MinibatchTargets of(
      List<List<Trajectory>> groups,
      double beta,
      UnaryOperator<double[]> advantages,
      ImportanceRatios proximal,
      Correction correction) {
    List<Trajectory> batch = new ArrayList<>();
    List<float[]> rows = new ArrayList<>();
    for (List<Trajectory> group : groups) {
      double[] own = advantages.apply(rewards(group, beta));
      for (int i = 0; i < own.length; i++) {
        batch.add(group.get(i));
        float[] row = new float[group.get(i).rollout().response().length()];
        Arrays.fill(row, (float) own[i]);
        rows.add(row);
      }
    }
    return new MinibatchTargets.AdvantageTargets(
        batch, rows.toArray(float[][]::new), Optional.empty(), proximal.weights(batch, correction));
  }

  /** R = score - beta KL of each response. */
  private static double[] rewards(List<Trajectory> group, double beta) {
    return group.stream().mapToDouble(t -> t.score() - beta * t.kl()).toArray();
  }
}

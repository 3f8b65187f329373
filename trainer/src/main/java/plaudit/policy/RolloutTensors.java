package plaudit.policy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import plaudit.experience.Rollout;
import plaudit.experience.Trajectory;
import plaudit.model.TokenBatch;
import plaudit.optim.MicroBatch;
import plaudit.task.Task;
import plaudit.tokens.PerToken;

/**
 * Rollouts as tensors: one row each, responses begin at the same column and are padded on the right
 * where they end early.
 *
 * @param scope owns the tensors
 */
record RolloutTensors(NDManager scope, Task task, List<Rollout> rollouts) {

  /** Contexts and responses, shape {@code [B, T']}. */
  NDArray ids() {
    TokenBatch batch =
        TokenBatch.aligned(
            rollouts.stream().map(r -> task.context(r.query())).toList(),
            rollouts.stream().map(Rollout::response).toList());
    return scope.create(batch.ids(), new Shape(batch.rows(), batch.columns()));
  }

  /** Parts trajectories for passes; numbers of trajectories, each in one part. */
  static List<List<Integer>> parts(MicroBatch most, Task task, List<Trajectory> batch) {
    return most.parts(
        batch,
        1,
        it -> task.context(it.rollout().query()).length(),
        it -> it.rollout().response().length());
  }

  /** The longest response. */
  int length() {
    return rollouts.stream().mapToInt(r -> r.response().length()).max().orElse(0);
  }

  /** Numbers of each token as {@code [B, length]}, zero where a response has none. */
  NDArray matrix(List<PerToken> rows) {
    return matrix(rows.stream().map(PerToken::toArray).toArray(float[][]::new));
  }

  /** Ragged rows as {@code [B, length]}. */
  NDArray matrix(float[][] rows) {
    int length = length();
    float[] flat = new float[rows.length * length];
    for (int row = 0; row < rows.length; row++) {
      System.arraycopy(rows[row], 0, flat, row * length, rows[row].length);
    }
    return scope.create(flat, new Shape(rows.length, length));
  }
}

package plaudit.policy;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import plaudit.experience.Rollout;
import plaudit.experience.Trajectory;
import plaudit.optim.MicroBatch;
import plaudit.optim.Network;
import plaudit.task.Task;
import plaudit.tokens.PerToken;

/**
 * A value network beside the policy, in place of the value head (section 9, item 5). The sampler
 * has only the head: a batch's values are estimated when the batch arrives and stay as they are
 * through all epochs of the update.
 */
final class ValueNetwork {

  private final Network net;
  private final Task task;
  private final MicroBatch microBatch;
  private final float clip;

  ValueNetwork(Network net, Task task, MicroBatch microBatch, double clip) {
    this.net = net;
    this.task = task;
    this.microBatch = microBatch;
    this.clip = (float) clip;
  }

  /** The batch with this network's values in place of the sampler's. */
  List<Trajectory> estimate(List<Trajectory> batch) {
    List<Trajectory> valued = new ArrayList<>(batch);
    for (List<Integer> numbers : RolloutTensors.parts(microBatch, task, batch)) {
      List<Trajectory> part = numbers.stream().map(batch::get).toList();
      try (NDManager scope = net.scope()) {
        RolloutTensors rows =
            new RolloutTensors(scope, task, part.stream().map(Trajectory::rollout).toList());
        int length = rows.length();
        float[] flat = net.infer("values", scope, rows.ids(), length).get(0).toFloatArray();
        for (int row = 0; row < part.size(); row++) {
          Trajectory trajectory = part.get(row);
          int end = row * length + trajectory.rollout().response().length();
          float[] own = Arrays.copyOfRange(flat, row * length, end);
          valued.set(numbers.get(row), with(trajectory, own));
        }
      }
    }
    return valued;
  }

  /** Adds the gradient of a micro-batch's value loss. */
  void backward(List<Rollout> rollouts, float[][] returns, double share, UpdateStats stats) {
    try (NDManager scope = net.scope()) {
      RolloutTensors rows = new RolloutTensors(scope, task, rollouts);
      NDList out =
          net.backward(
              "value_loss",
              scope,
              rows.ids(),
              rows.matrix(rollouts.stream().map(Rollout::values).toList()),
              rows.matrix(returns),
              scope.create(new float[] {clip, (float) share}));
      stats.mean("loss/value", out.get(1).getFloat(), share);
      stats.mean("value/clipfrac", out.get(2).getFloat(), share);
    }
  }

  /** What is trained. */
  Network net() {
    return net;
  }

  private static Trajectory with(Trajectory trajectory, float[] values) {
    return new Trajectory(
        trajectory.rollout().withValues(PerToken.of(values)),
        trajectory.refLogprobs(),
        trajectory.score(),
        trajectory.valid(),
        trajectory.rewardVersion());
  }
}

package plaudit.policy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import plaudit.experience.PerToken;
import plaudit.experience.Rollout;
import plaudit.experience.Tokens;
import plaudit.experience.Trajectory;
import plaudit.model.TokenBatch;
import plaudit.optim.TrainedNet;
import plaudit.policy.Advantages.Estimates;
import plaudit.sampling.Task;

/**
 * One policy update: PPO on a batch of scored rollouts (paper 3.5 and 3.7).
 *
 * <p>Reads top to bottom as the algorithm. For each epoch, over a fresh permutation, and for each
 * minibatch: rewards from score and divergence, whitening with the mean kept, advantages from the
 * values of the rollout, whitening, the clipped losses, one Adam step. A minibatch is run in
 * micro-batches whose gradients add up to the whole's.
 */
public final class PolicyStep {

  private final PpoSettings settings;
  private final Task task;
  private final TrainedNet net;
  private final int microBatch;
  private final long seed;

  /** Updates {@code net}, which stays the caller's. */
  public PolicyStep(PpoSettings settings, Task task, TrainedNet net, int microBatch, long seed) {
    this.settings = settings;
    this.task = task;
    this.net = net;
    this.microBatch = microBatch;
    this.seed = seed;
  }

  /**
   * Learns from one batch.
   *
   * @param version the version before the update
   * @param beta the price of a nat
   * @param learningRate of this update, the same in all epochs
   */
  public UpdateStats learn(long version, List<Trajectory> batch, double beta, double learningRate) {
    Random permutations = new Random(seed ^ (version * 0x9E3779B97F4A7C15L));
    UpdateStats stats = new UpdateStats();
    int size = batch.size() / settings.minibatches();
    for (int epoch = 0; epoch < settings.epochs(); epoch++) {
      List<Trajectory> shuffled = new ArrayList<>(batch);
      Collections.shuffle(shuffled, permutations);
      for (int i = 0; i < settings.minibatches(); i++) {
        List<Trajectory> minibatch = shuffled.subList(i * size, (i + 1) * size);
        boolean untouched = epoch == 0 && i == 0;
        accumulate(minibatch, beta, stats, untouched ? version : -1);
        stats.gradientNorm(net.step(learningRate));
      }
    }
    return stats;
  }

  private void accumulate(
      List<Trajectory> minibatch, double beta, UpdateStats stats, long untouchedVersion) {
    float[][] rewards = TokenRewards.of(minibatch, beta);
    if (settings.whitenRewards()) {
      rewards = Whitening.whitenKeepingMean(rewards);
    }
    float[][] values =
        minibatch.stream().map(t -> t.rollout().values().toArray()).toArray(float[][]::new);
    Estimates estimates = Advantages.estimate(rewards, values, settings.gamma(), settings.lambda());
    float[][] advantages = Whitening.whiten(estimates.advantages());
    stats.returns(estimates.returns());
    for (int from = 0; from < minibatch.size(); from += microBatch) {
      int to = Math.min(from + microBatch, minibatch.size());
      backward(
          minibatch.subList(from, to),
          slice(advantages, from, to),
          slice(estimates.returns(), from, to),
          (double) (to - from) / minibatch.size(),
          stats,
          untouchedVersion);
    }
  }

  private void backward(
      List<Trajectory> part,
      float[][] advantages,
      float[][] returns,
      double share,
      UpdateStats stats,
      long untouchedVersion) {
    List<Rollout> rollouts = part.stream().map(Trajectory::rollout).toList();
    try (NDManager scope = net.scope()) {
      NDArray ids = ids(scope, rollouts);
      NDList out =
          net.backward(
              "ppo_loss",
              scope,
              ids,
              matrix(scope, rollouts.stream().map(Rollout::logprobs).toList()),
              matrix(scope, rollouts.stream().map(Rollout::values).toList()),
              scope.create(advantages),
              scope.create(returns),
              scope.create(
                  new float[] {
                    task.temperature(),
                    (float) settings.clipRatio(),
                    (float) settings.clipValue(),
                    (float) settings.valueCoefficient(),
                    (float) share
                  }));
      stats.losses(out, share);
      if (untouchedVersion >= 0) {
        float[] logprobs = out.get(UpdateStats.LOGPROBS).toFloatArray();
        stats.gap(gap(rollouts, logprobs, untouchedVersion));
      }
    }
  }

  /** The largest difference between what sampler and learner say of one version's rollouts. */
  private static double gap(List<Rollout> rollouts, float[] logprobs, long version) {
    int length = rollouts.get(0).response().length();
    return IntStream.range(0, rollouts.size())
        .filter(row -> rollouts.get(row).policyVersion() == version)
        .mapToDouble(
            row ->
                IntStream.range(0, length)
                    .mapToDouble(
                        t ->
                            Math.abs(
                                rollouts.get(row).logprobs().get(t) - logprobs[row * length + t]))
                    .max()
                    .orElse(0))
        .max()
        .orElse(Double.NaN);
  }

  private NDArray ids(NDManager scope, List<Rollout> rollouts) {
    List<Tokens> contexts = rollouts.stream().map(r -> task.context(r.query())).toList();
    List<Tokens> responses = rollouts.stream().map(Rollout::response).toList();
    TokenBatch batch = TokenBatch.aligned(contexts, responses);
    return scope.create(batch.ids(), new Shape(batch.rows(), batch.columns()));
  }

  private static NDArray matrix(NDManager scope, List<PerToken> rows) {
    return scope.create(rows.stream().map(PerToken::toArray).toArray(float[][]::new));
  }

  private static float[][] slice(float[][] rows, int from, int to) {
    return java.util.Arrays.copyOfRange(rows, from, to);
  }
}

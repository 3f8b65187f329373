package plaudit.policy;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import plaudit.experience.Rollout;
import plaudit.experience.Trajectory;
import plaudit.optim.MicroBatch;
import plaudit.optim.Network;
import plaudit.task.Task;
import plaudit.tokens.PerToken;

/**
 * A batch with the learner's probabilities at the start of an update beside the sampler's. Under a
 * {@link Correction} the trajectories carry the learner's logprobs (and values) in place of the
 * recorded ones, so that the ratio that is clipped and the KL that is paid for are the learner's,
 * and the ratios prox/mu of learner to sampler become weights of the tokens.
 */
final class ImportanceRatios {

  /** Nats beyond which a ratio means nothing more, and floats overflow. */
  private static final double FARTHEST = 60;

  private final List<Trajectory> batch;
  private final IdentityHashMap<Trajectory, float[]> ratios;

  private ImportanceRatios(List<Trajectory> batch, IdentityHashMap<Trajectory, float[]> ratios) {
    this.batch = batch;
    this.ratios = ratios;
  }

  /** A batch as it was sampled: every ratio is 1. */
  static ImportanceRatios none(List<Trajectory> batch) {
    return new ImportanceRatios(batch, new IdentityHashMap<>());
  }

  /**
   * One pass forward over the batch.
   *
   * @param withValues whether the value estimates are made anew, too
   */
  static ImportanceRatios of(
      Network policy,
      Task task,
      List<Trajectory> recorded,
      MicroBatch microBatch,
      boolean withValues) {
    List<Trajectory> seen = new ArrayList<>(recorded);
    IdentityHashMap<Trajectory, float[]> ratios = new IdentityHashMap<>();
    for (List<Integer> numbers : RolloutTensors.parts(microBatch, task, recorded)) {
      List<Trajectory> part = numbers.stream().map(recorded::get).toList();
      try (NDManager scope = policy.scope()) {
        RolloutTensors rows =
            new RolloutTensors(scope, task, part.stream().map(Trajectory::rollout).toList());
        int width = rows.length();
        NDList out = policy.infer("score", scope, rows.ids(), width, (double) task.temperature());
        float[] logprobs = out.get(0).toFloatArray();
        float[] values = out.get(1).toFloatArray();
        for (int row = 0; row < part.size(); row++) {
          Trajectory old = part.get(row);
          int end = row * width + old.rollout().response().length();
          float[] own = Arrays.copyOfRange(logprobs, row * width, end);
          PerToken valued =
              withValues
                  ? PerToken.of(Arrays.copyOfRange(values, row * width, end))
                  : old.rollout().values();
          Trajectory now = with(old, PerToken.of(own), valued);
          seen.set(numbers.get(row), now);
          ratios.put(now, ratios(own, old.rollout().logprobs()));
        }
      }
    }
    return new ImportanceRatios(seen, ratios);
  }

  /** The batch, in the order it had. */
  List<Trajectory> batch() {
    return batch;
  }

  /** prox/mu of each token of one of {@link #batch}'s trajectories; 1 without a correction. */
  private float[] ratios(Trajectory seen) {
    float[] known = ratios.get(seen);
    if (known != null) {
      return known;
    }
    float[] ones = new float[seen.rollout().response().length()];
    Arrays.fill(ones, 1);
    return ones;
  }

  /** The ratios of some trajectories, shape {@code [part][T]}. */
  float[][] of(List<Trajectory> part) {
    return part.stream().map(this::ratios).toArray(float[][]::new);
  }

  /** A correction's weights of some trajectories, shape {@code [part][T]}. */
  float[][] weights(List<Trajectory> part, Correction correction) {
    float[][] weights = new float[part.size()][];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = ratios(part.get(i)).clone();
      for (int t = 0; t < weights[i].length; t++) {
        weights[i][t] = (float) correction.weight(weights[i][t]);
      }
    }
    return weights;
  }

  /**
   * Reports the weights, the share of them that were cut, and how far the learner is from the
   * samplers: KL(mu, prox) in nats a token by the estimator d = log prox/mu, exp(d) - 1 - d, which
   * is unbiased and never negative; and the {@link #gap} of rollouts that {@code version} wrote.
   */
  void report(Correction correction, long version, UpdateStats stats) {
    for (Trajectory t : batch) {
      for (float ratio : ratios(t)) {
        stats.mean("correction/weight_mean", correction.weight(ratio), 1);
        stats.largest("correction/weight_max", correction.weight(ratio));
        stats.mean("correction/clipfrac", correction.cuts(ratio) ? 1 : 0, 1);
        stats.mean("correction/behaviour_kl", ratio - 1 - Math.log(ratio), 1);
      }
    }
    stats.largest("policy/logprob_gap", gap(version));
  }

  /**
   * The largest difference between the sampler's and the learner's logprobs of rollouts that {@code
   * version} wrote alone; NaN without any.
   */
  private double gap(long version) {
    return batch.stream()
        .filter(t -> t.rollout().versions().isOnly(version))
        .mapToDouble(this::drift)
        .max()
        .orElse(Double.NaN);
  }

  private double drift(Trajectory seen) {
    double largest = 0;
    for (float ratio : ratios(seen)) {
      largest = Math.max(largest, Math.abs(Math.log(ratio)));
    }
    return largest;
  }

  private static float[] ratios(float[] own, PerToken recorded) {
    float[] ratios = new float[own.length];
    for (int t = 0; t < own.length; t++) {
      double d = (double) own[t] - recorded.get(t);
      ratios[t] = (float) Math.exp(Math.max(-FARTHEST, Math.min(FARTHEST, d)));
    }
    return ratios;
  }

  private static Trajectory with(Trajectory old, PerToken logprobs, PerToken values) {
    Rollout rollout = old.rollout();
    return new Trajectory(
        new Rollout(
            rollout.promptId(),
            rollout.index(),
            rollout.query(),
            rollout.response(),
            logprobs,
            values,
            rollout.versions()),
        old.refLogprobs(),
        old.score(),
        old.valid(),
        old.rewardVersion());
  }
}

package plaudit.policy;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import plaudit.experience.Rollout;
import plaudit.experience.Trajectory;
import plaudit.model.ModelConfig;
import plaudit.model.Weights;
import plaudit.optim.MicroBatch;
import plaudit.optim.Network;
import plaudit.policy.MinibatchTargets.AdvantageTargets;
import plaudit.policy.MinibatchTargets.Pair;
import plaudit.policy.MinibatchTargets.PreferenceTargets;
import plaudit.task.Task;

/**
 * Runs the loss of a minibatch backward through the networks, in micro-batches whose gradients add
 * up to the whole's: each counts by its share of the minibatch's tokens, or of its pairs. The
 * gradients of parts of a minibatch add up in the same way, wherever each is computed.
 */
public final class GradientAccumulator implements Gradients, AutoCloseable {

  private final PolicySettings settings;
  private final Task task;
  private final PolicyNets nets;
  private final MicroBatch microBatch;

  GradientAccumulator(PolicySettings settings, Task task, PolicyNets nets, MicroBatch microBatch) {
    this.settings = settings;
    this.task = task;
    this.nets = nets;
    this.microBatch = microBatch;
  }

  /**
   * Computes gradients for an optimizer elsewhere: networks without an optimizer, whose weights are
   * loaded before each step.
   *
   * @param reference owned from now on; trainable, or frozen where there are adapters
   */
  public static GradientAccumulator withoutOptimizer(
      PolicySettings settings,
      Task task,
      ModelConfig config,
      Weights reference,
      LearnerSettings learner) {
    PolicyNets nets = PolicyNets.fresh(settings, task, config, reference, learner, 0);
    return new GradientAccumulator(settings, task, nets, learner.microBatch());
  }

  /** The networks that get the gradients, the policy's first. */
  public List<Network> nets() {
    return nets.all();
  }

  /** The compute shape of gradients that are computed here. */
  public ComputeShape shape() {
    return new ComputeShape(microBatch.rows(), microBatch.tokens(), nets.policy().threads());
  }

  /** What must be the same wherever parts of one minibatch are computed, readable. */
  public String terms() {
    return "%s, %s, method %s, clip-ratio %s, clip-value %s, value-coefficient %s"
        .formatted(
            nets.policy().config(),
            task,
            settings.algorithm(),
            settings.clipRatio(),
            settings.clipValue(),
            settings.valueCoefficient());
  }

  @Override
  public void add(MinibatchTargets minibatch, double beta, UpdateStats stats, long unchanged) {
    addPart(minibatch, minibatch.weight(), beta, stats, unchanged);
  }

  /**
   * Adds the gradients of some rows of a minibatch.
   *
   * @param outOf {@link MinibatchTargets#weight} of the whole minibatch
   */
  public void addPart(
      MinibatchTargets rows, long outOf, double beta, UpdateStats stats, long unchanged) {
    if (rows instanceof AdvantageTargets targets) {
      for (List<Integer> part : RolloutTensors.parts(microBatch, task, targets.batch())) {
        advantages(targets.some(part), outOf, stats, unchanged);
      }
    } else if (rows instanceof PreferenceTargets targets) {
      for (List<Integer> part : parts(targets.pairs())) {
        List<Pair> pairs = part.stream().map(targets.pairs()::get).toList();
        preferences(pairs, outOf, beta, stats, unchanged);
      }
    }
  }

  private List<List<Integer>> parts(List<Pair> pairs) {
    return microBatch.parts(
        pairs,
        2,
        pair ->
            Math.max(
                task.context(pair.chosen().rollout().query()).length(),
                task.context(pair.rejected().rollout().query()).length()),
        pair ->
            Math.max(
                pair.chosen().rollout().response().length(),
                pair.rejected().rollout().response().length()));
  }

  /** This accumulator with the compute shape of another node, to repeat what that node computed. */
  public void addPartAs(
      ComputeShape other,
      MinibatchTargets rows,
      long outOf,
      double beta,
      UpdateStats stats,
      long unchanged) {
    int threads = nets.policy().threads();
    nets().forEach(net -> net.threads(other.threads()));
    try {
      new GradientAccumulator(
              settings, task, nets, new MicroBatch(other.microBatch(), other.tokens()))
          .addPart(rows, outOf, beta, stats, unchanged);
    } finally {
      nets().forEach(net -> net.threads(threads));
    }
  }

  @Override
  public void close() {
    nets.close();
  }

  private void advantages(AdvantageTargets part, long outOf, UpdateStats stats, long unchanged) {
    List<Rollout> rollouts = rollouts(part.batch());
    double share = (double) part.weight() / outOf;
    float[][] none = part.advantages().clone();
    Arrays.setAll(none, i -> new float[none[i].length]);
    boolean sharedTrunk = part.returns().isPresent() && nets.value().isEmpty();
    try (NDManager scope = nets.policy().scope()) {
      RolloutTensors tensors = new RolloutTensors(scope, task, rollouts);
      NDList out =
          nets.policy()
              .backward(
                  "ppo_loss",
                  scope,
                  tensors.ids(),
                  tensors.matrix(rollouts.stream().map(Rollout::logprobs).toList()),
                  tensors.matrix(rollouts.stream().map(Rollout::values).toList()),
                  tensors.matrix(part.advantages()),
                  tensors.matrix(part.returns().orElse(none)),
                  tensors.matrix(part.weights()),
                  scope.create(
                      new float[] {
                        task.temperature(),
                        (float) settings.clipRatio(),
                        (float) settings.clipValue(),
                        sharedTrunk ? (float) settings.valueCoefficient() : 0,
                        (float) share
                      }));
      stats.mean("loss/policy", out.get(1).getFloat(), share);
      if (sharedTrunk) {
        stats.mean("loss/value", out.get(2).getFloat(), share);
        stats.mean("value/clipfrac", out.get(5).getFloat(), share);
      }
      stats.mean("policy/approxkl", out.get(3).getFloat(), share);
      stats.mean("policy/clipfrac", out.get(4).getFloat(), share);
      stats.largest("policy/ratio_max", out.get(6).getFloat());
      stats.largest("policy/logprob_gap", gap(tensors, out.get(7).toFloatArray(), unchanged));
    }
    nets.value()
        .ifPresent(
            value ->
                part.returns()
                    .ifPresent(returns -> value.backward(rollouts, returns, share, stats)));
  }

  private void preferences(
      List<Pair> pairs, long outOf, double beta, UpdateStats stats, long unchanged) {
    double share = (double) pairs.size() / outOf;
    List<Trajectory> both =
        pairs.stream().flatMap(pair -> Stream.of(pair.chosen(), pair.rejected())).toList();
    List<Rollout> rollouts = rollouts(both);
    float[] targets = new float[pairs.size()];
    for (int i = 0; i < targets.length; i++) {
      targets[i] = (float) pairs.get(i).target();
    }
    try (NDManager scope = nets.policy().scope()) {
      RolloutTensors tensors = new RolloutTensors(scope, task, rollouts);
      NDList out =
          nets.policy()
              .backward(
                  "dpo_loss",
                  scope,
                  tensors.ids(),
                  tensors.matrix(rollouts.stream().map(Rollout::logprobs).toList()),
                  tensors.matrix(both.stream().map(Trajectory::refLogprobs).toList()),
                  scope.create(targets),
                  scope.create(new float[] {task.temperature(), (float) beta, (float) share}));
      stats.mean("loss/policy", out.get(1).getFloat(), share);
      stats.mean("dpo/accuracy", out.get(2).getFloat(), share);
      stats.mean("dpo/margin", out.get(3).getFloat(), share);
      stats.mean("policy/approxkl", out.get(4).getFloat(), share);
      stats.largest("policy/ratio_max", out.get(5).getFloat());
      stats.largest("policy/logprob_gap", gap(tensors, out.get(6).toFloatArray(), unchanged));
    }
  }

  /**
   * The largest difference between the sampler's and the learner's logprobs of rollouts that {@code
   * version} wrote alone; NaN without any. A rollout that an older version began was written from
   * the older version's cache, and may differ.
   */
  private static double gap(RolloutTensors rows, float[] logprobs, long version) {
    double largest = Double.NaN;
    int length = rows.length();
    for (int row = 0; row < rows.rollouts().size(); row++) {
      Rollout rollout = rows.rollouts().get(row);
      if (version < 0 || !rollout.versions().isOnly(version)) {
        continue;
      }
      int first = row * length;
      double own =
          IntStream.range(0, rollout.response().length())
              .mapToDouble(t -> Math.abs(rollout.logprobs().get(t) - logprobs[first + t]))
              .max()
              .orElse(0);
      largest = Double.isNaN(largest) ? own : Math.max(largest, own);
    }
    return largest;
  }

  private static List<Rollout> rollouts(List<Trajectory> trajectories) {
    return trajectories.stream().map(Trajectory::rollout).toList();
  }
}

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
import plaudit.optim.TrainedNet;
import plaudit.policy.MinibatchTargets.Credit;
import plaudit.policy.MinibatchTargets.Pair;
import plaudit.policy.MinibatchTargets.Preferences;
import plaudit.task.Task;

/**
 * Runs the loss of a lesson backwards through the networks, in micro-batches whose gradients add up
 * to the whole's: each counts by its share of the minibatch's tokens, or of its pairs. Those of a
 * part of the minibatch add up with those of the other parts in the same way, wherever they are
 * computed.
 */
public final class GradientAccumulator implements AutoCloseable {

  private final PolicySettings settings;
  private final Task task;
  private final PolicyNets nets;
  private final int microBatch;

  GradientAccumulator(PolicySettings settings, Task task, PolicyNets nets, int microBatch) {
    this.settings = settings;
    this.task = task;
    this.nets = nets;
    this.microBatch = microBatch;
  }

  /**
   * For whoever computes gradients and makes no step: networks without an optimizer, whose weights
   * come from elsewhere.
   *
   * @param reference owned from now on; trainable, or frozen where there are adapters
   */
  public static GradientAccumulator withoutOptimizer(
      PolicySettings settings,
      Task task,
      ModelConfig config,
      Weights reference,
      LearnerSettings learner) {
    PolicyNets nets = PolicyNets.withoutOptimizer(settings, task, config, reference, learner);
    return new GradientAccumulator(settings, task, nets, learner.microBatch());
  }

  /** The networks that get the gradients, the policy's first. */
  public List<TrainedNet> nets() {
    return nets.all();
  }

  /** How gradients are computed here. */
  public ComputeShape manner() {
    return new ComputeShape(microBatch, nets.policy().threads());
  }

  /** What must be the same wherever parts of one minibatch are computed, readable. */
  public String terms() {
    return "%s, %s, method %s, clip-ratio %s, clip-value %s, value-coefficient %s"
        .formatted(
            nets.policy().config(),
            task,
            settings.method(),
            settings.clipRatio(),
            settings.clipValue(),
            settings.valueCoefficient());
  }

  /**
   * Adds the gradients of one minibatch, or of a part of it.
   *
   * @param outOf {@link MinibatchTargets#weight} of the whole minibatch
   * @param beta price of one nat
   * @param untouched the policy's version if no step has changed it since, else -1
   */
  public void of(
      MinibatchTargets lesson, long outOf, double beta, UpdateStats stats, long untouched) {
    of(lesson, outOf, beta, stats, untouched, manner());
  }

  /** The same in another manner, as somebody else would compute it. */
  public void of(
      MinibatchTargets lesson,
      long outOf,
      double beta,
      UpdateStats stats,
      long untouched,
      ComputeShape other) {
    int threads = nets.policy().threads();
    nets().forEach(net -> net.threads(other.threads()));
    try {
      accumulate(lesson, outOf, beta, stats, untouched, other.microBatch());
    } finally {
      nets().forEach(net -> net.threads(threads));
    }
  }

  private void accumulate(
      MinibatchTargets lesson,
      long outOf,
      double beta,
      UpdateStats stats,
      long untouched,
      int sequences) {
    if (lesson instanceof Credit credit) {
      for (int from = 0; from < credit.rows(); from += sequences) {
        int to = Math.min(from + sequences, credit.rows());
        credit(credit.part(from, to), outOf, stats, untouched);
      }
    } else if (lesson instanceof Preferences preferences) {
      int atOnce = Math.max(1, sequences / 2);
      for (int from = 0; from < preferences.rows(); from += atOnce) {
        int to = Math.min(from + atOnce, preferences.rows());
        preferences(preferences.pairs().subList(from, to), outOf, beta, stats, untouched);
      }
    }
  }

  @Override
  public void close() {
    nets.close();
  }

  private void credit(Credit part, long outOf, UpdateStats stats, long untouched) {
    List<Rollout> rollouts = rollouts(part.batch());
    double share = (double) part.weight() / outOf;
    float[][] none = part.advantages().clone();
    Arrays.setAll(none, i -> new float[none[i].length]);
    boolean sharedTrunk = part.returns().isPresent() && nets.value().isEmpty();
    try (NDManager scope = nets.policy().scope()) {
      Rows rows = new Rows(scope, task, rollouts);
      NDList out =
          nets.policy()
              .backward(
                  "ppo_loss",
                  scope,
                  rows.ids(),
                  rows.matrix(rollouts.stream().map(Rollout::logprobs).toList()),
                  rows.matrix(rollouts.stream().map(Rollout::values).toList()),
                  rows.matrix(part.advantages()),
                  rows.matrix(part.returns().orElse(none)),
                  rows.matrix(part.weights()),
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
      stats.largest("policy/logprob_gap", gap(rows, out.get(7).toFloatArray(), untouched));
    }
    nets.value()
        .ifPresent(
            value ->
                part.returns()
                    .ifPresent(returns -> value.backward(rollouts, returns, share, stats)));
  }

  private void preferences(
      List<Pair> pairs, long outOf, double beta, UpdateStats stats, long untouched) {
    double share = (double) pairs.size() / outOf;
    List<Trajectory> both =
        pairs.stream().flatMap(pair -> Stream.of(pair.chosen(), pair.rejected())).toList();
    List<Rollout> rollouts = rollouts(both);
    float[] targets = new float[pairs.size()];
    for (int i = 0; i < targets.length; i++) {
      targets[i] = (float) pairs.get(i).target();
    }
    try (NDManager scope = nets.policy().scope()) {
      Rows rows = new Rows(scope, task, rollouts);
      NDList out =
          nets.policy()
              .backward(
                  "dpo_loss",
                  scope,
                  rows.ids(),
                  rows.matrix(rollouts.stream().map(Rollout::logprobs).toList()),
                  rows.matrix(both.stream().map(Trajectory::refLogprobs).toList()),
                  scope.create(targets),
                  scope.create(new float[] {task.temperature(), (float) beta, (float) share}));
      stats.mean("loss/policy", out.get(1).getFloat(), share);
      stats.mean("dpo/accuracy", out.get(2).getFloat(), share);
      stats.mean("dpo/margin", out.get(3).getFloat(), share);
      stats.mean("policy/approxkl", out.get(4).getFloat(), share);
      stats.largest("policy/ratio_max", out.get(5).getFloat());
      stats.largest("policy/logprob_gap", gap(rows, out.get(6).toFloatArray(), untouched));
    }
  }

  /**
   * The largest difference between what sampler and learner say of one version's rollouts. Only of
   * those that this version wrote alone: where it took over from an older one, it read the older
   * one's cache, and has a right to differ.
   */
  private static double gap(Rows rows, float[] logprobs, long version) {
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

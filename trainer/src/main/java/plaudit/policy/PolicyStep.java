package plaudit.policy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import plaudit.experience.Trajectory;
import plaudit.optim.TrainedNet;
import plaudit.policy.Correction.Kind;
import plaudit.task.Task;

/**
 * One policy update on a batch of scored rollouts (paper 3.5 and 3.7): for each epoch a fresh
 * permutation, for each minibatch a lesson, its gradient, and one Adam step.
 *
 * <p>What the lesson is, is the {@link Objective}'s business. With {@link Ppo}: rewards from score
 * and divergence, whitening with the mean kept, advantages from the values of the rollout,
 * whitening; all of it anew within each minibatch, from log-probabilities and values that stay
 * those of the sampling (paper X2), unless a {@link Correction} has the learner's in their place.
 * {@link GradientAccumulator} runs the clipped losses, here or, a part of them, elsewhere ({@link
 * Gradients}).
 */
public final class PolicyStep {

  private final PolicySettings settings;
  private final PolicyNets nets;
  private final Task task;
  private final int microBatch;
  private final Objective objective;
  private final GradientAccumulator backward;
  private final long seed;
  private Gradients gradients;

  /** Updates {@code nets}, which stay the caller's. */
  PolicyStep(PolicySettings settings, Task task, PolicyNets nets, int microBatch, long seed) {
    this.settings = settings;
    this.nets = nets;
    this.task = task;
    this.microBatch = microBatch;
    this.objective = settings.objective();
    this.backward = new GradientAccumulator(settings, task, nets, microBatch);
    this.seed = seed;
    this.gradients = backward;
  }

  /** Computes gradients in another way from now on. */
  void computeBy(Function<GradientAccumulator, Gradients> way) {
    gradients = way.apply(backward);
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
    List<Trajectory> valued = nets.value().map(value -> value.estimate(batch)).orElse(batch);
    Correction correction = settings.method().correction();
    ImportanceRatios proximal = ImportanceRatios.NONE;
    if (correction.on()) {
      boolean values = correction.kind() == Kind.V_TRACE && nets.value().isEmpty();
      proximal = ImportanceRatios.of(nets.policy(), task, valued, microBatch, values);
      proximal.report(correction, stats);
      stats.largest("policy/logprob_gap", proximal.gap(version));
      valued = proximal.batch();
    }
    List<List<Trajectory>> groups = ResponseGroups.of(valued, settings.method().group());
    int size = groups.size() / settings.minibatches();
    gradients.begin(version + 1);
    for (int epoch = 0; epoch < settings.epochs(); epoch++) {
      List<List<Trajectory>> shuffled = new ArrayList<>(groups);
      Collections.shuffle(shuffled, permutations);
      for (int i = 0; i < settings.minibatches(); i++) {
        List<List<Trajectory>> minibatch = shuffled.subList(i * size, (i + 1) * size);
        MinibatchTargets lesson = objective.targets(minibatch, beta, proximal);
        boolean untouched = epoch == 0 && i == 0 && !correction.on();
        if (lesson instanceof MinibatchTargets.AdvantageTargets credit) {
          credit.returns().ifPresent(stats::returns);
        }
        gradients.add(lesson, beta, stats, untouched ? version : -1);
        for (TrainedNet net : nets.all()) {
          double norm = net.step(learningRate);
          stats.mean(
              net == nets.policy() ? "policy/gradient_norm" : "value/gradient_norm", norm, 1);
        }
      }
    }
    gradients.end();
    return stats;
  }
}

package plaudit.policy;

import java.nio.channels.Channels;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.IntStream;
import plaudit.experience.Rollout;
import plaudit.experience.Trajectory;
import plaudit.model.ModelConfig;
import plaudit.model.SnapshotWeights;
import plaudit.model.Weights;
import plaudit.optim.Adam;
import plaudit.optim.MicroBatch;
import plaudit.policy.Correction.Kind;
import plaudit.policy.Tripwires.Signals;
import plaudit.policy.Tripwires.Verdict;
import plaudit.snapshots.Model;
import plaudit.snapshots.Probe;
import plaudit.snapshots.Snapshot;
import plaudit.snapshots.SnapshotFiles;
import plaudit.task.Task;
import plaudit.tokens.PerToken;

/**
 * The paper's learner (3.5-3.8): the policy's networks, their optimizers, and all that an update
 * changes besides. {@link #learn} is one update, step by step. Three things of it are optional and
 * stand elsewhere: {@link ImportanceRatios} corrects for responses of an older policy, {@link
 * ValueNetwork} replaces the value head, and {@link #computingBy} lets other nodes compute a part
 * of each gradient.
 */
public final class PolicyTrainer implements UpdateEngine {

  private static final int PROBES = 2;
  private static final double MIB = 1 << 20;

  private final PolicySettings settings;
  private final Task task;
  private final SnapshotFiles files;
  private final PolicyNets nets;
  private final List<Adam> optimizers;
  private final Objective objective;
  private final GradientAccumulator accumulator;
  private final MicroBatch microBatch;
  private final long seed;
  private Gradients gradients;
  private PolicyState state;
  private List<Rollout> probeTexts = List.of();

  /**
   * A trainer of some networks.
   *
   * @param optimizers of {@link PolicyNets#all}, in that order; owned
   * @param microBatch what one forward and backward pass takes
   * @param seed of the order of minibatches
   */
  PolicyTrainer(
      PolicySettings settings,
      Task task,
      SnapshotFiles files,
      PolicyNets nets,
      List<Adam> optimizers,
      PolicyState state,
      MicroBatch microBatch,
      long seed) {
    this.settings = settings;
    this.task = task;
    this.files = files;
    this.nets = nets;
    this.optimizers = optimizers;
    this.objective = settings.objective();
    this.accumulator = new GradientAccumulator(settings, task, nets, microBatch);
    this.microBatch = microBatch;
    this.seed = seed;
    this.gradients = accumulator;
    this.state = state;
  }

  /**
   * Starts from the reference's weights with a zero value head.
   *
   * @param reference owned from now on; trainable, or frozen where there are adapters
   */
  public static PolicyTrainer fresh(
      PolicySettings settings,
      Task task,
      SnapshotFiles files,
      ModelConfig config,
      Weights reference,
      LearnerSettings learner,
      long seed) {
    PolicyNets nets = PolicyNets.fresh(settings, task, config, reference, learner, seed);
    return new PolicyTrainer(
        settings,
        task,
        files,
        nets,
        nets.all().stream().map(net -> Adam.fresh(net, settings.adam())).toList(),
        PolicyState.initial(settings),
        learner.microBatch(),
        seed);
  }

  /** Goes on from a checkpoint. */
  public static PolicyTrainer resumed(
      PolicySettings settings,
      Task task,
      SnapshotFiles files,
      ModelConfig config,
      PolicyCheckpoint checkpoint,
      LearnerSettings learner,
      long seed) {
    PolicyState state = checkpoint.state(settings);
    List<Adam> optimizers = checkpoint.optimizers(settings, config, learner.compute());
    return new PolicyTrainer(
        settings,
        task,
        files,
        PolicyNets.of(settings, task, optimizers.stream().map(Adam::network).toList(), learner),
        optimizers,
        state,
        learner.microBatch(),
        seed);
  }

  /** Computes gradients in another way from now on, made of the accumulator that does it here. */
  public PolicyTrainer computingBy(Function<GradientAccumulator, Gradients> way) {
    gradients = way.apply(accumulator);
    return this;
  }

  /** {@link #learn(List, OptionalDouble)} without a new win rate. */
  public UpdateReport learn(List<Trajectory> batch) {
    return learn(batch, OptionalDouble.empty());
  }

  @Override
  public UpdateReport learn(List<Trajectory> batch, OptionalDouble validationWinRate) {
    long version = state.version();
    double beta = state.kl().beta();
    double rate = settings.schedule().at(version); // the same in all epochs (3.9)
    Random permutations = new Random(seed ^ (version * 0x9E3779B97F4A7C15L));
    UpdateStats stats = new UpdateStats();
    ImportanceRatios ratios = prepare(batch, stats); // the paper: all 1, and the batch as it is
    long unchanged = settings.algorithm().correction().on() ? -1 : version;

    gradients.begin(version + 1);
    for (int epoch = 0; epoch < settings.epochs(); epoch++) {
      for (List<List<Trajectory>> minibatch : minibatches(ratios.batch(), permutations)) {
        // Rewards from score and KL, whitened; generalised advantages, whitened (3.5, 3.7). Anew in
        // each minibatch, from logprobs and values that stay those of the sampling (X2).
        MinibatchTargets targets = objective.targets(minibatch, beta, ratios);
        targets.returns().ifPresent(it -> stats.values(targets.values().orElseThrow(), it));
        // The clipped losses run backward (3.7), here or shared with other nodes; then Adam (3.8).
        gradients.add(targets, beta, stats, unchanged);
        step(rate, stats);
        unchanged = -1;
      }
    }
    gradients.end();

    UpdateReport report = report(batch, beta, rate, stats, validationWinRate);
    double loss = stats.loss(settings.valueCoefficient());
    // The KL controller moves after the epochs of its update (3.6).
    state = state.after(Signals.of(report, loss, validationWinRate), batch.size());
    probeTexts = batch.stream().limit(PROBES).map(Trajectory::rollout).toList();
    return report;
  }

  /** A fresh permutation of the batch's groups, cut into minibatches. */
  private List<List<List<Trajectory>>> minibatches(List<Trajectory> batch, Random permutations) {
    List<List<Trajectory>> groups =
        new ArrayList<>(Objective.groups(batch, settings.algorithm().group()));
    Collections.shuffle(groups, permutations);
    int size = groups.size() / settings.minibatches();
    return IntStream.range(0, settings.minibatches())
        .mapToObj(i -> groups.subList(i * size, (i + 1) * size))
        .toList();
  }

  private void step(double rate, UpdateStats stats) {
    for (Adam optimizer : optimizers) {
      boolean policy = optimizer.network() == nets.policy();
      stats.mean(policy ? "policy/gradient_norm" : "value/gradient_norm", optimizer.step(rate), 1);
    }
  }

  /**
   * The batch as this update takes it: with the estimates of a value network in place of the
   * sampler's, and, under a correction, with the learner's own logprobs (and values).
   */
  private ImportanceRatios prepare(List<Trajectory> batch, UpdateStats stats) {
    List<Trajectory> valued = nets.value().map(value -> value.estimate(batch)).orElse(batch);
    Correction correction = settings.algorithm().correction();
    if (!correction.on()) {
      return ImportanceRatios.none(valued);
    }
    boolean withValues = correction.kind() == Kind.V_TRACE && nets.value().isEmpty();
    ImportanceRatios ratios =
        ImportanceRatios.of(nets.policy(), task, valued, microBatch, withValues);
    ratios.report(correction, state.version(), stats);
    return ratios;
  }

  private UpdateReport report(
      List<Trajectory> batch,
      double beta,
      double rate,
      UpdateStats stats,
      OptionalDouble validationWinRate) {
    UpdateReport report =
        UpdateReport.of(state.version(), batch, beta, rate, stats)
            .with("loss/total", stats.loss(settings.valueCoefficient()))
            .with("memory/learner_mib", optimizers.stream().mapToLong(Adam::bytes).sum() / MIB);
    return validationWinRate.isPresent()
        ? report.with("validation/win_rate_at_most", validationWinRate.getAsDouble())
        : report;
  }

  /** What an update changes besides the weights. */
  public PolicyState state() {
    return state;
  }

  @Override
  public long version() {
    return state.version();
  }

  @Override
  public Verdict verdict() {
    return state.verdict();
  }

  /** Writes the weights, with the policy's logprobs of a few texts to check a reader by. */
  @Override
  public Snapshot publish() {
    long version = state.version();
    return files.write(
        Model.POLICY,
        version,
        version - 1,
        probes(),
        out ->
            nets.policy()
                .export(
                    weights ->
                        SnapshotWeights.write(
                            Channels.newChannel(out),
                            Map.of("version", Long.toString(version)),
                            List.of(weights))));
  }

  @Override
  public void prune(int kept) {
    files.prune(Model.POLICY, kept);
  }

  private List<Probe> probes() {
    List<Probe> probes = new ArrayList<>();
    for (Rollout text : probeTexts) {
      try (var scope = nets.policy().scope()) {
        RolloutTensors rows = new RolloutTensors(scope, task, List.of(text));
        float[] logprobs =
            nets.policy()
                .infer("score", scope, rows.ids(), rows.length(), (double) task.temperature())
                .get(0)
                .toFloatArray();
        probes.add(new Probe(text.query(), text.response(), PerToken.of(logprobs)));
      }
    }
    return probes;
  }

  @Override
  public void checkpoint(Path directory) {
    PolicyCheckpoint.write(directory, settings.algorithm(), optimizers, state);
  }

  /** The optimizers with their networks, the policy's first; owned by the trainer. */
  List<Adam> optimizers() {
    return optimizers;
  }

  /** The networks, owned by the trainer. */
  PolicyNets nets() {
    return nets;
  }

  @Override
  public void close() {
    optimizers.forEach(Adam::close);
  }
}

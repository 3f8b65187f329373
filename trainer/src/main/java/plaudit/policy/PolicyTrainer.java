package plaudit.policy;

import java.nio.channels.Channels;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.Function;
import plaudit.experience.Rollout;
import plaudit.experience.Trajectory;
import plaudit.model.ModelConfig;
import plaudit.model.SnapshotWeights;
import plaudit.model.Weights;
import plaudit.policy.Tripwires.Signals;
import plaudit.snapshots.Model;
import plaudit.snapshots.Probe;
import plaudit.snapshots.Snapshot;
import plaudit.snapshots.SnapshotFiles;
import plaudit.task.Task;
import plaudit.tokens.PerToken;
import plaudit.tokens.TokenVersions;

/**
 * The policy and everything that changes with it: weights, optimizer, price of divergence,
 * tripwires, version. Knows no actor; lives on the learner's compute thread.
 */
public final class PolicyTrainer implements AutoCloseable {

  private static final int PROBES = 2;
  private static final double MIB = 1 << 20;

  private final PolicySettings settings;
  private final Task task;
  private final SnapshotFiles files;
  private final PolicyNets nets;
  private final PolicyStep step;
  private PolicyState state;
  private List<Rollout> probeTexts = List.of();

  private PolicyTrainer(
      PolicySettings settings,
      Task task,
      SnapshotFiles files,
      PolicyNets nets,
      PolicyState state,
      int microBatch,
      long seed) {
    this.settings = settings;
    this.task = task;
    this.files = files;
    this.nets = nets;
    this.state = state;
    this.step = new PolicyStep(settings, task, nets, microBatch, seed);
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
    return new PolicyTrainer(
        settings,
        task,
        files,
        PolicyNets.fresh(settings, task, config, reference, learner, seed),
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
    return new PolicyTrainer(
        settings,
        task,
        files,
        PolicyNets.resumed(settings, task, config, checkpoint, learner),
        state,
        learner.microBatch(),
        seed);
  }

  /** Computes gradients in another way from now on; by itself without. */
  public PolicyTrainer computingBy(Function<GradientAccumulator, Gradients> way) {
    step.computeBy(way);
    return this;
  }

  /** What changes besides the weights. */
  public PolicyState state() {
    return state;
  }

  /** {@link #learn(List, OptionalDouble)} without news from people. */
  public UpdateReport learn(List<Trajectory> batch) {
    return learn(batch, OptionalDouble.empty());
  }

  /**
   * Learns from one batch and becomes the next version (paper 3.5-3.8).
   *
   * @param validationWinRate what people said of late, see {@link Signals}
   */
  public UpdateReport learn(List<Trajectory> batch, OptionalDouble validationWinRate) {
    double rate = settings.schedule().at(state.version());
    double beta = state.kl().beta();
    UpdateStats stats = step.learn(state.version(), batch, beta, rate);
    double kl = batch.stream().mapToDouble(Divergence::k1).average().orElse(0);
    double entropy =
        batch.stream().mapToDouble(t -> -t.rollout().logprobs().sum()).average().orElse(0);
    double k3 = batch.stream().mapToDouble(Divergence::k3).average().orElse(0);
    double score = batch.stream().mapToDouble(Trajectory::score).average().orElse(0);
    double valid = batch.stream().filter(Trajectory::valid).count() / (double) batch.size();

    Map<String, Double> numbers = new LinkedHashMap<>();
    numbers.put("objective/score", score);
    numbers.put("objective/kl", kl);
    numbers.put("objective/kl_k3", k3);
    numbers.put("objective/entropy", entropy);
    numbers.put("objective/score_total", score - beta * kl);
    numbers.put("objective/valid", valid);
    numbers.put("policy/beta", beta);
    numbers.put("policy/learning_rate", rate);
    numbers.putAll(stats.numbers());
    numbers.putAll(staleness(batch));
    numbers.put("memory/learner_mib", nets.bytes() / MIB);
    validationWinRate.ifPresent(share -> numbers.put("validation/win_rate_at_most", share));
    Signals signals =
        new Signals(kl, entropy, stats.loss(settings.valueCoefficient()), validationWinRate);
    state = state.after(signals, batch.size());
    probeTexts = batch.stream().limit(PROBES).map(Trajectory::rollout).toList();
    return new UpdateReport(state.version(), numbers);
  }

  /** Writes the weights of the present version, with what the policy thinks of a few texts. */
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

  /** Writes all that is needed to go on. */
  public void checkpoint(Path directory) {
    PolicyCheckpoint.write(directory, nets, state);
  }

  /** The networks, owned by the trainer. */
  PolicyNets nets() {
    return nets;
  }

  @Override
  public void close() {
    nets.close();
  }

  /** The mean counts tokens, the maximum the oldest token, by which the hard bound goes. */
  private Map<String, Double> staleness(List<Trajectory> batch) {
    List<TokenVersions> written = batch.stream().map(t -> t.rollout().versions()).toList();
    long age = written.stream().mapToLong(versions -> versions.age(state.version())).sum();
    long tokens = written.stream().mapToLong(TokenVersions::length).sum();
    long oldest = written.stream().mapToLong(TokenVersions::oldest).min().orElse(state.version());
    double mixed = written.stream().filter(TokenVersions::isMixed).count();
    return Map.of(
        "async/staleness_mean",
        (double) age / tokens,
        "async/staleness_max",
        (double) (state.version() - oldest),
        "async/swapped",
        mixed / batch.size());
  }

  private List<Probe> probes() {
    List<Probe> probes = new ArrayList<>();
    for (Rollout text : probeTexts) {
      try (var scope = nets.policy().scope()) {
        Rows rows = new Rows(scope, task, List.of(text));
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
}

package plaudit.policy;

import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import plaudit.experience.PerToken;
import plaudit.experience.Rollout;
import plaudit.experience.Trajectory;
import plaudit.model.Compute;
import plaudit.model.ModelConfig;
import plaudit.model.SnapshotWeights;
import plaudit.model.Weights;
import plaudit.optim.Adapters;
import plaudit.optim.TrainedNet;
import plaudit.policy.Tripwires.Signals;
import plaudit.sampling.Task;
import plaudit.snapshots.Model;
import plaudit.snapshots.Probe;
import plaudit.snapshots.Snapshot;
import plaudit.snapshots.SnapshotFiles;

/**
 * The policy and everything that changes with it: weights, optimizer, price of divergence,
 * tripwires, version. Knows no actor; lives on the learner's compute thread.
 */
public final class PolicyTrainer implements AutoCloseable {

  private static final int PROBES = 2;
  private static final double MIB = 1 << 20;

  private final PpoSettings settings;
  private final Task task;
  private final SnapshotFiles files;
  private final PolicyNets nets;
  private final PolicyStep step;
  private PolicyState state;
  private List<Rollout> probeTexts = List.of();

  private PolicyTrainer(
      PpoSettings settings,
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
      PpoSettings settings,
      Task task,
      SnapshotFiles files,
      ModelConfig config,
      Weights reference,
      LearnerSettings learner,
      long seed) {
    Optional<Weights> apart =
        settings.method().separateValue()
            ? Optional.of(reference.trainableCopy(PolicyCheckpoint.VALUE))
            : Optional.empty();
    TrainedNet policy = policy(settings, config, reference, learner, seed);
    Optional<TrainedNet> value =
        apart.map(own -> TrainedNet.fresh(config, own, settings.adam(), learner.compute()));
    return new PolicyTrainer(
        settings,
        task,
        files,
        nets(settings, task, policy, value, learner),
        PolicyState.initial(settings),
        learner.microBatch(),
        seed);
  }

  /** Goes on from a checkpoint. */
  public static PolicyTrainer resumed(
      PpoSettings settings,
      Task task,
      SnapshotFiles files,
      ModelConfig config,
      PolicyCheckpoint checkpoint,
      LearnerSettings learner,
      long seed) {
    Compute compute = learner.compute();
    PolicyState state = checkpoint.state(settings);
    TrainedNet policy =
        settings.method().lora().on()
            ? checkpoint.adapted(settings.method().lora().of(config), settings.adam(), compute)
            : checkpoint.net("", config, settings.adam(), compute);
    Optional<TrainedNet> value =
        settings.method().separateValue()
            ? Optional.of(checkpoint.net(PolicyCheckpoint.VALUE, config, settings.adam(), compute))
            : Optional.empty();
    return new PolicyTrainer(
        settings,
        task,
        files,
        nets(settings, task, policy, value, learner),
        state,
        learner.microBatch(),
        seed);
  }

  private static TrainedNet policy(
      PpoSettings settings,
      ModelConfig config,
      Weights reference,
      LearnerSettings learner,
      long seed) {
    if (!settings.method().lora().on()) {
      return TrainedNet.fresh(config, reference, settings.adam(), learner.compute());
    }
    Adapters adapters = settings.method().lora().of(config);
    Weights trained = adapters.fresh(seed, learner.compute());
    return TrainedNet.adapted(adapters, reference, trained, settings.adam(), learner.compute());
  }

  private static PolicyNets nets(
      PpoSettings settings,
      Task task,
      TrainedNet policy,
      Optional<TrainedNet> value,
      LearnerSettings learner) {
    return new PolicyNets(
        policy,
        value.map(net -> new ValueNetwork(net, task, learner.microBatch(), settings.clipValue())));
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
   * @param validationWinRate what people said since the last update, see {@link Signals}
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
    long bytes = nets.all().stream().mapToLong(TrainedNet::bytes).sum();
    numbers.put("memory/learner_mib", bytes / MIB);
    validationWinRate.ifPresent(share -> numbers.put("validation/win_rate", share));
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
  public void checkpoint(Path directory) throws IOException {
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

  private Map<String, Double> staleness(List<Trajectory> batch) {
    var ages = batch.stream().mapToLong(t -> state.version() - t.rollout().policyVersion());
    var summary = ages.summaryStatistics();
    return Map.of(
        "async/staleness_mean",
        summary.getAverage(),
        "async/staleness_max",
        (double) summary.getMax());
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

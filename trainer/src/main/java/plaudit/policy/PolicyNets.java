package plaudit.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import plaudit.model.Compute;
import plaudit.model.ModelConfig;
import plaudit.model.Weights;
import plaudit.optim.Adapters;
import plaudit.optim.TrainedNet;
import plaudit.policy.AlgorithmSettings.Lora;
import plaudit.task.Task;

/**
 * What a policy learner changes.
 *
 * @param policy the policy, with the value head of a shared trunk
 * @param value a value network of its own, if there is one
 * @param loraRank of the policy's adapters, 0 without
 */
record PolicyNets(TrainedNet policy, Optional<ValueNetwork> value, int loraRank)
    implements AutoCloseable {

  /** Both start as the reference, whose weights the policy owns from now on. */
  static PolicyNets fresh(
      PolicySettings settings,
      Task task,
      ModelConfig config,
      Weights reference,
      LearnerSettings learner,
      long seed) {
    Compute compute = learner.compute();
    Optional<TrainedNet> value =
        settings.method().separateValue()
            ? Optional.of(
                TrainedNet.fresh(
                    config,
                    reference.trainableCopy(PolicyCheckpoint.VALUE),
                    settings.adam(),
                    compute))
            : Optional.empty();
    Lora lora = settings.method().lora();
    if (!lora.on()) {
      return of(
          settings,
          task,
          TrainedNet.fresh(config, reference, settings.adam(), compute),
          value,
          learner);
    }
    Adapters adapters = lora.of(config);
    Weights trained = adapters.fresh(seed, compute);
    TrainedNet policy = TrainedNet.adapted(adapters, reference, trained, settings.adam(), compute);
    return of(settings, task, policy, value, learner);
  }

  /**
   * Both for computing gradients alone, with weights that come from elsewhere; a reference that is
   * frozen carries the adapters, and either way the policy owns it from now on.
   */
  static PolicyNets withoutOptimizer(
      PolicySettings settings,
      Task task,
      ModelConfig config,
      Weights reference,
      LearnerSettings learner) {
    Compute compute = learner.compute();
    Optional<TrainedNet> value =
        settings.method().separateValue()
            ? Optional.of(
                TrainedNet.withoutOptimizer(
                    config, reference.trainableCopy(PolicyCheckpoint.VALUE), compute))
            : Optional.empty();
    Lora lora = settings.method().lora();
    TrainedNet policy =
        lora.on()
            ? TrainedNet.withoutOptimizer(
                lora.of(config), reference, lora.of(config).fresh(0, compute), compute)
            : TrainedNet.withoutOptimizer(config, reference, compute);
    return of(settings, task, policy, value, learner);
  }

  /** Both as a checkpoint has them. */
  static PolicyNets resumed(
      PolicySettings settings,
      Task task,
      ModelConfig config,
      PolicyCheckpoint checkpoint,
      LearnerSettings learner) {
    Compute compute = learner.compute();
    Lora lora = settings.method().lora();
    TrainedNet policy =
        lora.on()
            ? checkpoint.adapted(lora.of(config), settings.adam(), compute)
            : checkpoint.net("", config, settings.adam(), compute);
    Optional<TrainedNet> value =
        settings.method().separateValue()
            ? Optional.of(checkpoint.net(PolicyCheckpoint.VALUE, config, settings.adam(), compute))
            : Optional.empty();
    return of(settings, task, policy, value, learner);
  }

  private static PolicyNets of(
      PolicySettings settings,
      Task task,
      TrainedNet policy,
      Optional<TrainedNet> value,
      LearnerSettings learner) {
    return new PolicyNets(
        policy,
        value.map(net -> new ValueNetwork(net, task, learner.microBatch(), settings.clipValue())),
        settings.method().lora().rank());
  }

  /** All networks with an optimizer, the policy's first. */
  List<TrainedNet> all() {
    List<TrainedNet> nets = new ArrayList<>(List.of(policy));
    value.ifPresent(network -> nets.add(network.net()));
    return nets;
  }

  /** Bytes kept, see {@link TrainedNet#bytes()}. */
  long bytes() {
    return all().stream().mapToLong(TrainedNet::bytes).sum();
  }

  @Override
  public void close() {
    all().forEach(TrainedNet::close);
  }
}

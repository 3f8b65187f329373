package plaudit.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import plaudit.model.Compute;
import plaudit.model.ModelConfig;
import plaudit.model.Weights;
import plaudit.optim.Losses;
import plaudit.optim.Network;
import plaudit.policy.AlgorithmSettings.Lora;
import plaudit.task.Task;

/**
 * The networks that the policy's losses train.
 *
 * @param policy the policy, with the value head of a shared trunk
 * @param value a value network of its own, if there is one
 */
record PolicyNets(Network policy, Optional<ValueNetwork> value) implements AutoCloseable {

  /**
   * Both start as the reference, whose weights the policy owns from now on; a reference that is
   * frozen carries adapters, which start by {@code seed}.
   */
  static PolicyNets fresh(
      PolicySettings settings,
      Task task,
      ModelConfig config,
      Weights reference,
      LearnerSettings learner,
      long seed) {
    Compute compute = learner.compute();
    List<Network> networks = new ArrayList<>();
    if (settings.algorithm().separateValue()) {
      Weights copy = reference.trainableCopy(PolicyCheckpoint.VALUE);
      networks.add(Network.of(config, Losses.POLICY, copy, compute));
    }
    Lora lora = settings.algorithm().lora();
    networks.add(
        0,
        lora.on()
            ? Network.adapted(
                lora.of(config), reference, lora.of(config).fresh(seed, compute), compute)
            : Network.of(config, Losses.POLICY, reference, compute));
    return of(settings, task, networks, learner);
  }

  /** These networks, the policy's first. */
  static PolicyNets of(
      PolicySettings settings, Task task, List<Network> networks, LearnerSettings learner) {
    return new PolicyNets(
        networks.get(0),
        networks.stream()
            .skip(1)
            .map(net -> new ValueNetwork(net, task, learner.microBatch(), settings.clipValue()))
            .findFirst());
  }

  /** All networks that are trained, the policy's first. */
  List<Network> all() {
    List<Network> nets = new ArrayList<>(List.of(policy));
    value.ifPresent(network -> nets.add(network.net()));
    return nets;
  }

  @Override
  public void close() {
    all().forEach(Network::close);
  }
}

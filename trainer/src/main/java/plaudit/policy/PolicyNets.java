package plaudit.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import plaudit.optim.TrainedNet;

/**
 * What a policy learner changes.
 *
 * @param policy the policy, with the value head of a shared trunk
 * @param value a value network of its own, if there is one
 */
record PolicyNets(TrainedNet policy, Optional<ValueNetwork> value) implements AutoCloseable {

  /** All networks with an optimizer, the policy's first. */
  List<TrainedNet> all() {
    List<TrainedNet> nets = new ArrayList<>(List.of(policy));
    value.ifPresent(network -> nets.add(network.net()));
    return nets;
  }

  @Override
  public void close() {
    all().forEach(TrainedNet::close);
  }
}

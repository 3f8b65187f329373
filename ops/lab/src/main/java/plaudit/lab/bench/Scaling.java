package plaudit.lab.bench;

import plaudit.lab.plan.ClosedForm;
import plaudit.lab.plan.Fleet;
import plaudit.lab.plan.Rates;

/**
 * One point of the curve of rollouts trained over sampler nodes.
 *
 * @param samplers nodes, each with a scorer of its own
 * @param ideal trajectories a second by {@link ClosedForm}, without any cost of messages
 * @param result the measured numbers
 */
public record Scaling(int samplers, double ideal, ControlPlaneResult result) {

  /** Measured over ideal. */
  public double share() {
    return result.throughput() / ideal;
  }

  /** A fleet of so many nodes, each with a sampler and a scorer. */
  public static Fleet fleet(int nodes, int batch, int grant, int eta) {
    return new Fleet(nodes, nodes, 1, 0, batch, grant, 2, eta, eta + 4);
  }

  /** The point for {@code fleet}. */
  public static Scaling of(Fleet fleet, Rates rates, ControlPlaneResult result) {
    return new Scaling(fleet.samplers(), ClosedForm.of(fleet, rates).throughput(), result);
  }
}

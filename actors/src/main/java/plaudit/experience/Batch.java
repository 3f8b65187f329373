package plaudit.experience;

import java.util.List;
import plaudit.wire.WireMessage;

/**
 * The trajectories of one policy update.
 *
 * @param version the policy version that the update improves
 * @param trajectories oldest policy version first
 */
public record Batch(long version, List<Trajectory> trajectories)
    implements LedgerOutcome, WireMessage {
  public Batch {
    trajectories = List.copyOf(trajectories);
  }
}

package plaudit.experience.journal;

import java.time.Instant;
import java.util.List;
import plaudit.experience.Grant;
import plaudit.experience.Pace;
import plaudit.experience.Trajectory;
import plaudit.snapshots.Model;

/**
 * One input that changed a ledger. Where the ledger's answer is worth knowing it stands there too:
 * whoever plays the entries again compares.
 */
public sealed interface Entry {

  /** Somebody was given work. */
  record Lent(String holder, long loadedVersion, Instant now, Grant grant) implements Entry {}

  /** A scorer delivered; trajectories are left out where the delivery came too late to count. */
  record Offered(long batchId, List<Trajectory> trajectories) implements Entry {
    public Offered {
      trajectories = List.copyOf(trajectories);
    }
  }

  /** A batch of questions was reported as so many comparisons. */
  record Asked(long batchId, int comparisons) implements Entry {}

  /** The batch for the update of {@code version}, in the order it was served. */
  record Taken(long version, int size, List<Key> keys) implements Entry {
    public Taken {
      keys = List.copyOf(keys);
    }
  }

  /** Which response of which prompt. */
  record Key(long promptId, int index) {
    static Key of(Trajectory trajectory) {
      return new Key(trajectory.rollout().promptId(), trajectory.rollout().index());
    }
  }

  /** Leases ran out. */
  record Expired(Instant now) implements Entry {}

  /** A holder of work is gone. */
  record Released(String holder) implements Entry {}

  /**
   * A version is out.
   *
   * @param sha256 of its weights; empty if it was heard of otherwise than from the registry
   */
  record Published(Model model, long version, String sha256) implements Entry {}

  /** Labels and policy work keep another pace. */
  record Paced(Pace pace) implements Entry {}

  /** The run was resumed: nobody holds work any more, and batch ids go on from here. */
  record Resumed(long firstBatchId) implements Entry {}
}

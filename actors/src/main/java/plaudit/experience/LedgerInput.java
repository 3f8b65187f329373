package plaudit.experience;

import java.time.Instant;
import java.util.List;
import plaudit.snapshots.Model;

/**
 * Everything that can change a {@link Ledger}. The ledger's state is a function of its inputs and
 * their order; time is in the inputs too. Therefore a journal of inputs is enough to restore it.
 */
public sealed interface LedgerInput {

  /**
   * A sampler asks for work; answered by a {@link Grant} if there is work for it.
   *
   * @param holder holds the lease
   * @param loadedVersion the policy version it samples with
   * @param now the lease begins
   */
  record Lend(String holder, long loadedVersion, Instant now) implements LedgerInput {}

  /** A scorer delivers the policy work of a grant; answered by an {@link OfferReply}. */
  record Offer(long batchId, List<Trajectory> trajectories) implements LedgerInput {
    public Offer {
      trajectories = List.copyOf(trajectories);
    }
  }

  /**
   * The questions of a grant are in the label store; answered by an {@link OfferReply}.
   *
   * @param comparisons how many comparisons the store has of them
   */
  record Asked(long batchId, int comparisons) implements LedgerInput {}

  /**
   * The learner asks for the batch of an update; answered by a {@link Batch} if it may be served.
   *
   * @param version the policy version to improve
   * @param size trajectories
   */
  record Take(long version, int size) implements LedgerInput {}

  /** Leases whose time is over at {@code now} end; answered by {@link LedgerOutcome.Recalled}. */
  record Expire(Instant now) implements LedgerInput {}

  /** The leases of {@code holder} end; answered by {@link LedgerOutcome.Recalled}. */
  record Release(String holder) implements LedgerInput {}

  /**
   * A version was published.
   *
   * @param sha256 of its weights; empty if it became known otherwise than from the registry
   */
  record Published(Model model, long version, String sha256) implements LedgerInput {}

  /** Labels and policy work keep {@code pace} from now on. */
  record KeepPace(Pace pace) implements LedgerInput {}

  /**
   * The ledger's process was started again: all leases end.
   *
   * @param firstBatchId ids of new work are at least this
   */
  record Resume(long firstBatchId) implements LedgerInput {}
}

package plaudit.experience.journal;

import java.util.List;
import java.util.Optional;
import plaudit.experience.Batch;
import plaudit.experience.Grant;
import plaudit.experience.LedgerInput;
import plaudit.experience.LedgerOutcome;
import plaudit.experience.OfferReply;
import plaudit.experience.Trajectory;

/**
 * An input that changed a ledger, with as much of its outcome as a replay is compared with.
 *
 * @param input as the ledger got it; the trajectories of a superseded delivery are left out
 * @param grant what was lent, if it was that
 * @param served the trajectories of a batch, in the order it was served
 */
public record Entry(LedgerInput input, Optional<Grant> grant, List<Key> served) {
  public Entry {
    served = List.copyOf(served);
  }

  /** Names a trajectory: the prompt, and which of its responses. */
  public record Key(long promptId, int index) {}

  /** What is kept of an input and its outcome. */
  static Entry of(LedgerInput input, LedgerOutcome outcome) {
    if (outcome instanceof Grant grant) {
      return new Entry(input, Optional.of(grant), List.of());
    } else if (outcome instanceof Batch batch) {
      return new Entry(
          input, Optional.empty(), batch.trajectories().stream().map(Entry::key).toList());
    } else if (outcome instanceof OfferReply.Superseded
        && input instanceof LedgerInput.Offer offer) {
      return of(new LedgerInput.Offer(offer.batchId(), List.of()));
    }
    return of(input);
  }

  /** An input whose outcome is not kept. */
  public static Entry of(LedgerInput input) {
    return new Entry(input, Optional.empty(), List.of());
  }

  private static Key key(Trajectory trajectory) {
    return new Key(trajectory.rollout().promptId(), trajectory.rollout().index());
  }
}

package plaudit.experience;

import java.util.List;

/** What a ledger answers to a {@link LedgerInput}. */
public sealed interface LedgerOutcome
    permits Grant,
        Batch,
        OfferReply,
        LedgerOutcome.Recalled,
        LedgerOutcome.Remade,
        LedgerOutcome.Silent {

  /** The batches whose leases have ended; their prompts will be lent again. */
  record Recalled(List<Long> batchIds) implements LedgerOutcome {
    public Recalled {
      batchIds = List.copyOf(batchIds);
    }
  }

  /**
   * A version was published whose weights differ from those it had before: it was not learned from
   * the same data, and samplers may have sampled with weights that do not exist any more. Only a
   * ledger with a journal knows.
   *
   * @param sha256 of the earlier weights
   */
  record Remade(String sha256) implements LedgerOutcome {}

  /** There is nothing to answer. */
  enum Silent implements LedgerOutcome {
    /** The input has changed the ledger. */
    CHANGED,
    /** It has not: there is no work, no batch or no lease to end, or it was known before. */
    UNCHANGED
  }
}

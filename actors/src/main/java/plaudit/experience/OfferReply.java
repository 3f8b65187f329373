package plaudit.experience;

import plaudit.wire.WireMessage;

/** Whether a delivered batch counts. */
public sealed interface OfferReply extends LedgerOutcome, WireMessage {
  /** The batch it answers. */
  long batchId();

  /** Taken; the lease is closed. */
  record Accepted(long batchId) implements OfferReply {}

  /** Not taken: this batch was delivered before, or its lease ran out and it was lent again. */
  record Superseded(long batchId) implements OfferReply {}

  /**
   * Not taken: older than the staleness bound, or it would be when its turn came ({@link
   * OnStale#WAIT}).
   */
  record Stale(long batchId, long currentVersion) implements OfferReply {}
}

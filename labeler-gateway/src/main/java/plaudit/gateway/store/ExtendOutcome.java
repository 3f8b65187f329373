package plaudit.gateway.store;

import java.time.Instant;

/** What came of a heartbeat. */
public sealed interface ExtendOutcome {

  /** Held until then. */
  record Extended(Instant expireTime) implements ExtendOutcome {}

  /** No such lease of this vendor. */
  record Unknown() implements ExtendOutcome {}

  /** The lease is another labeler's of the same vendor. */
  record OfAnotherLabeler() implements ExtendOutcome {}

  /** The lease is over, or was extended as often as allowed. */
  record Over(String reason) implements ExtendOutcome {}
}

package plaudit.experience;

import java.time.Instant;
import java.util.List;
import plaudit.wire.WireMessage;

/**
 * Prompts on lease to a sampler.
 *
 * @param batchId names this piece of work when it is delivered
 * @param purpose what the responses are for
 * @param prompts the queries
 * @param responses how many responses to sample for each prompt
 * @param leaseUntil from then on the prompts may be lent to another sampler
 */
public record Grant(
    long batchId, Purpose purpose, List<Prompt> prompts, int responses, Instant leaseUntil)
    implements LedgerOutcome, WireMessage {
  public Grant {
    prompts = List.copyOf(prompts);
  }
}

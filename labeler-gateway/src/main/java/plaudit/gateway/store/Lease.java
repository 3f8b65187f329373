package plaudit.gateway.store;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * A task that a labeler holds.
 *
 * @param leaseId opaque
 * @param epoch fencing token, grows with every lease of the same comparison
 * @param expireTime when the lease ends
 * @param patience how long after the grant, or after an extension that counts as a sign of life,
 *     the task is offered to another labeler too
 * @param task what is asked
 */
public record Lease(String leaseId, int epoch, Instant expireTime, Duration patience, Task task) {

  /**
   * What a person reads.
   *
   * @param taskId opaque name of the comparison, for skip and flag
   * @param comparisonId opaque name of the comparison, for the vendor's own books
   * @param query what the responses continue or answer
   * @param choices the responses in this lease's display order
   */
  public record Task(String taskId, String comparisonId, String query, List<Option> choices) {
    public Task {
      choices = List.copyOf(choices);
    }
  }

  /** A response under its opaque name. */
  public record Option(String choiceId, String text) {}
}

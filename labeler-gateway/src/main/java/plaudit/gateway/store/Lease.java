package plaudit.gateway.store;

import java.time.Instant;
import java.util.List;

/**
 * A task that a labeler holds.
 *
 * @param leaseId opaque
 * @param epoch fencing token, grows with every lease of the same comparison
 * @param expireTime when the task is open for other labelers again
 * @param task what is asked
 */
public record Lease(String leaseId, int epoch, Instant expireTime, Task task) {

  /**
   * What a person reads.
   *
   * @param taskId opaque name of the comparison, for skip and flag
   * @param comparisonId the comparison
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

package plaudit.gateway.store;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import plaudit.labels.Choice;

/**
 * A durable judgment as its vendor sees it; the shape is the API's judgment resource.
 *
 * @param judgmentId opaque
 * @param comparisonId opaque name of what was judged
 * @param taskId the comparison's opaque name
 * @param leaseId under which it was shown
 * @param labelerId who judged
 * @param revision from 1; an amendment makes the next
 * @param choiceId the chosen response
 * @param verdict instead of a choice
 * @param confidence how sure the person was
 * @param visibleMillis how long the task was visible
 * @param disposition what it is used for
 * @param late whether the lease had run out
 * @param decidedTime when the person decided
 * @param receivedTime when the gateway had it
 * @param contentHash SHA-256 of who chose what of which comparison in which revision, in hex
 */
public record StoredJudgment(
    String judgmentId,
    String comparisonId,
    String taskId,
    String leaseId,
    String labelerId,
    int revision,
    @Nullable String choiceId,
    Choice.@Nullable Reason verdict,
    Submission.@Nullable Confidence confidence,
    @Nullable Long visibleMillis,
    Disposition disposition,
    boolean late,
    Instant decidedTime,
    Instant receivedTime,
    String contentHash) {

  /** What a judgment is used for. */
  public enum Disposition {
    /** It is a label. */
    ADMITTED,
    /** The comparison already had what it needed: kept for agreement, not for the loss. */
    SURPLUS,
    /** A later revision stands in its place. */
    SUPERSEDED
  }
}

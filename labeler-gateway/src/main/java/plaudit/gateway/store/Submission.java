package plaudit.gateway.store;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A judgment on its way in.
 *
 * @param leaseId under which the task was shown
 * @param epoch the lease's epoch
 * @param answer what was chosen
 * @param confidence how sure the person was
 * @param visibleMillis how long the task was visible
 * @param decidedTime when the person decided; the time of receipt when absent
 * @param client what program sent it
 */
public record Submission(
    String leaseId,
    int epoch,
    SubmittedChoice answer,
    @Nullable Confidence confidence,
    @Nullable Long visibleMillis,
    @Nullable Instant decidedTime,
    @Nullable Client client) {

  /** How sure a person was. */
  public enum Confidence {
    LOW,
    MEDIUM,
    HIGH
  }

  /** A program that sends judgments, as it names itself. */
  public record Client(String name, String version) {}
}

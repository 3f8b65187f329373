package plaudit.snapshots;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import plaudit.snapshots.Lineage.PublishReply;

/**
 * What a learner last told the registry, and whether that has answered. A publication is said again
 * and again until it is answered, which {@link Lineage} allows; so answers come more than once too,
 * and the second answer to one version may come while the next one waits. Only an answer that names
 * the newest version counts.
 *
 * <p>A learner that waits for other things may go on saying its newest: as long as nobody else has
 * published, the registry agrees each time, and when somebody has, the learner hears that it is not
 * the one any more. Not thread-safe.
 */
public final class Publication {

  private @Nullable Snapshot newest;
  private boolean published;

  /** What an answer meant. */
  public enum Outcome {
    /** The newest snapshot, which was waiting, is published. */
    PUBLISHED,
    /** Somebody else has published in place of the newest snapshot, or after it. */
    REFUSED,
    /** Nothing new. */
    OLD
  }

  /** This is the newest now, and waits, whatever waited before. */
  public void begin(Snapshot snapshot) {
    newest = snapshot;
    published = false;
  }

  /** What has to be said until it is answered. */
  public Optional<Snapshot> waiting() {
    return published ? Optional.empty() : newest();
  }

  /** What may be said at any time. */
  public Optional<Snapshot> newest() {
    return Optional.ofNullable(newest);
  }

  /** The registry has answered. */
  public Outcome answered(PublishReply reply) {
    if (newest == null || reply.model() != newest.model() || reply.version() != newest.version()) {
      return Outcome.OLD;
    }
    if (reply instanceof PublishReply.Stale) {
      return Outcome.REFUSED;
    }
    Outcome outcome = published ? Outcome.OLD : Outcome.PUBLISHED;
    published = true;
    return outcome;
  }
}

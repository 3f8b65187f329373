package plaudit.snapshots;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import plaudit.snapshots.Lineage.PublishReply;

/**
 * The snapshot that a learner published last, and whether the registry has answered. A publication
 * is repeated until it is answered, which {@link Lineage} allows; so answers come more than once
 * too, and the second answer to one version may come while the next one waits. Only an answer that
 * names the newest version counts.
 *
 * <p>A learner that waits for other things may go on repeating its newest publication: the registry
 * accepts it each time, until another learner has published in its place. Not thread-safe.
 */
public final class Publication {

  private @Nullable Snapshot newest;
  private boolean published;

  /** What an answer meant. */
  public enum Outcome {
    /** The newest snapshot, which was waiting, is published. */
    PUBLISHED,
    /** Another learner has published in place of the newest snapshot, or after it. */
    REFUSED,
    /** Nothing new. */
    OLD
  }

  /** {@code snapshot} is the newest now and waits for an answer, in place of the one before. */
  public void begin(Snapshot snapshot) {
    newest = snapshot;
    published = false;
  }

  /** The snapshot to publish again until it is answered. */
  public Optional<Snapshot> waiting() {
    return published ? Optional.empty() : newest();
  }

  /** The snapshot that may be published again at any time. */
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

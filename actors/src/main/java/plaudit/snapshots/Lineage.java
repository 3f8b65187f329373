package plaudit.snapshots;

import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import plaudit.wire.WireMessage;

/**
 * The newest snapshot of each model, replaced by compare-and-set: a snapshot names the version it
 * was made from, and only a child of the newest becomes the newest. Of two learners that run at
 * once after a split of the network, only one can publish. Not thread-safe.
 */
public final class Lineage {

  /** The answer to a publication. */
  public sealed interface PublishReply extends WireMessage {
    /** Whose snapshot it is about. */
    Model model();

    /** The version that was to be published. */
    long version();

    /** It is the model's newest version now, and its followers are told. */
    record Accepted(Model model, long version) implements PublishReply {}

    /** Refused: another version is the newest ({@code -1}: none yet). */
    record Stale(Model model, long version, long current) implements PublishReply {}
  }

  private final Map<Model, Snapshot> newest = new EnumMap<>(Model.class);

  /** Goes on from {@code recovered}; empty for a new run. */
  public Lineage(Map<Model, Snapshot> recovered) {
    recovered.forEach(
        (model, snapshot) -> {
          if (snapshot.model() != model) {
            throw new IllegalArgumentException(
                "recovered snapshot of %s: of %s (expected: its own)"
                    .formatted(model, snapshot.model()));
          }
          newest.put(model, snapshot);
        });
  }

  /**
   * Accepts the child of the newest version, numbered one more. The same publication is accepted
   * again, so a publisher that missed the answer may repeat it.
   */
  public PublishReply publish(Snapshot snapshot) {
    Model model = snapshot.model();
    Snapshot current = newest.get(model);
    long version = current == null ? -1 : current.version();
    boolean next = snapshot.parent() == version && snapshot.version() == version + 1;
    boolean again =
        current != null
            && snapshot.version() == version
            && snapshot.parent() == current.parent()
            && snapshot.sha256().equals(current.sha256());
    if (next) {
      newest.put(model, snapshot);
    }
    return next || again
        ? new PublishReply.Accepted(model, snapshot.version())
        : new PublishReply.Stale(model, snapshot.version(), version);
  }

  /** The newest snapshot of {@code model}, if there is one. */
  public Optional<Snapshot> newest(Model model) {
    return Optional.ofNullable(newest.get(model));
  }
}

package plaudit.snapshots.actor;

import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.receptionist.ServiceKey;
import plaudit.snapshots.Model;
import plaudit.snapshots.Snapshot;
import plaudit.wire.WireMessage;

/** The messages of the snapshot registry. */
public final class SnapshotProtocol {

  /** Under which the registry is found in the cluster. */
  public static final ServiceKey<Command> KEY = ServiceKey.create(Command.class, "snapshots");

  private SnapshotProtocol() {}

  /** Anything the registry understands. */
  public interface Command {}

  /** A learner publishes; compare-and-set on the parent version. */
  public record Publish(Snapshot snapshot, ActorRef<PublishReply> replyTo)
      implements Command, WireMessage {}

  /** The answer to {@link Publish}. */
  public sealed interface PublishReply extends WireMessage {
    /** Whose line it is about. */
    Model model();

    /** The version that was to be published. */
    long version();

    /** It is the model's newest version now, and its followers have been told. */
    record Accepted(Model model, long version) implements PublishReply {}

    /** Refused: another version is the newest ({@code -1}: none yet). */
    record Stale(Model model, long version, long current) implements PublishReply {}
  }

  /**
   * Sends the newest snapshot of {@code model}, if there is one, and every later one to {@code
   * follower}, until it dies. Following twice is harmless.
   */
  public record Follow(Model model, ActorRef<Snapshot> follower) implements Command, WireMessage {}

  /**
   * A follower works with a version from now on.
   *
   * @param by who, unique in the cluster
   */
  public record Applied(Model model, long version, String by) implements Command, WireMessage {}
}

package plaudit.snapshots.actor;

import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.receptionist.ServiceKey;
import plaudit.snapshots.Lineage.PublishReply;
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

  /**
   * Sends the newest snapshot of {@code model}, if there is one, and every later one to {@code
   * follower}, until it dies. Following twice is harmless.
   */
  public record Follow(Model model, ActorRef<Snapshot> follower) implements Command, WireMessage {}

  /**
   * A follower works with a version from now on.
   *
   * @param by name of the follower, unique in the cluster
   */
  public record Applied(Model model, long version, String by) implements Command, WireMessage {}
}

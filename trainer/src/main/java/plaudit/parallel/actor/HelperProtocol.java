package plaudit.parallel.actor;

import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.receptionist.ServiceKey;
import plaudit.parallel.Work;
import plaudit.policy.ComputeShape;
import plaudit.policy.UpdateStats;
import plaudit.snapshots.FileRef;
import plaudit.wire.WireMessage;

/** The messages between a learner and its helpers. */
public final class HelperProtocol {

  /** Under which helpers are found in the cluster. */
  public static final ServiceKey<Command> KEY = ServiceKey.create(Command.class, "helpers");

  private HelperProtocol() {}

  /** Anything a helper understands. */
  public interface Command {}

  /** A gradient is wanted; the newest question counts, an older one is declined. */
  record Differentiate(long id, Work work, ActorRef<Reply> replyTo)
      implements Command, WireMessage {}

  /** The answer to {@link Differentiate}. */
  sealed interface Reply extends WireMessage {
    /** The question's. */
    long id();
  }

  /** Here it is; the helper keeps it until the next question. */
  public record Gradient(long id, FileRef gradient, UpdateStats.Part stats, ComputeShape manner)
      implements Reply {}

  /** It cannot be had. */
  record Declined(long id, String reason) implements Reply {}
}

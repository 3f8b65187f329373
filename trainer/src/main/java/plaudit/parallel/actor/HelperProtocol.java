package plaudit.parallel.actor;

import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.receptionist.ServiceKey;
import plaudit.parallel.GradientWorkers.Gradient;
import plaudit.parallel.GradientWorkers.Work;
import plaudit.wire.WireMessage;

/** The messages between a learner and its helpers. */
public final class HelperProtocol {

  /** The receptionist's key of helpers. */
  public static final ServiceKey<Command> KEY = ServiceKey.create(Command.class, "helpers");

  private HelperProtocol() {}

  /** Messages to a helper. */
  public interface Command {}

  /** A gradient is wanted; the newest question counts, an older one is declined. */
  record Differentiate(long id, Work work, ActorRef<Reply> replyTo)
      implements Command, WireMessage {}

  /** The answer to {@link Differentiate}. */
  sealed interface Reply extends WireMessage {
    /** The question's. */
    long id();
  }

  /** The gradient; the helper keeps its file until the next question. */
  record Computed(long id, Gradient gradient) implements Reply {}

  /** The helper does not compute it. */
  record Declined(long id, String reason) implements Reply {}
}

package plaudit.scoring.actor;

import java.util.List;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.receptionist.ServiceKey;
import plaudit.experience.Purpose;
import plaudit.experience.Rollout;
import plaudit.wire.WireMessage;

/** The messages between samplers and scorers. */
public final class ScoringProtocol {

  /** Under which scorers are found in the cluster. */
  public static final ServiceKey<Command> KEY = ServiceKey.create(Command.class, "scorer");

  private ScoringProtocol() {}

  /** Anything a scorer understands. */
  public interface Command {}

  /**
   * A sampler hands over a granted batch it has written. May be sent again; answered by {@link
   * Scored} when the batch has reached its place, or by {@link Busy}.
   */
  public record Score(
      long batchId, Purpose purpose, List<Rollout> rollouts, ActorRef<Reply> replyTo)
      implements Command, WireMessage {
    public Score {
      rollouts = List.copyOf(rollouts);
    }
  }

  /** The answer to a sampler. */
  public sealed interface Reply extends WireMessage {
    /** The batch it is about. */
    long batchId();
  }

  /** The batch is done with: it was taken, or is not needed any more. */
  public record Scored(long batchId) implements Reply {}

  /** The scorer's queue is full; the batch was not taken. */
  public record Busy(long batchId) implements Reply {}
}

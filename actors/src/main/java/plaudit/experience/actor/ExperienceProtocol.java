package plaudit.experience.actor;

import java.util.List;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.receptionist.ServiceKey;
import plaudit.experience.Batch;
import plaudit.experience.Grant;
import plaudit.experience.OfferReply;
import plaudit.experience.Pace;
import plaudit.experience.Purpose;
import plaudit.experience.QuestionYield;
import plaudit.experience.Trajectory;
import plaudit.wire.WireMessage;

/** The messages of the experience buffer: what samplers, scorers and the policy learner may say. */
public final class ExperienceProtocol {

  /** The buffer's key in the receptionist. */
  public static final ServiceKey<Command> KEY = ServiceKey.create(Command.class, "experience");

  private ExperienceProtocol() {}

  /** Anything the buffer understands. */
  public interface Command {}

  /**
   * A sampler asks for work. Answered by a {@link Grant} as soon as there is room; a repeated
   * request of the same sampler replaces the one that waits.
   *
   * @param sampler its name, unique in the cluster and stable over its restarts
   * @param loadedVersion the policy version it would sample with
   * @param replyTo gets the {@link Grant}; its death returns what it holds
   */
  public record Borrow(String sampler, long loadedVersion, ActorRef<Grant> replyTo)
      implements Command, WireMessage {}

  /**
   * A sampler leaves: its work is lent again at once. What it has handed to scorers still counts if
   * it arrives before the prompts are lent again.
   *
   * @param sampler where it gets its grants, {@link Borrow#replyTo}
   */
  public record Leave(ActorRef<Grant> sampler, ActorRef<Left> replyTo)
      implements Command, WireMessage {}

  /**
   * The answer to {@link Leave}.
   *
   * @param returned grants that were not delivered yet
   */
  public record Left(int returned) implements WireMessage {}

  /**
   * A scorer delivers one granted batch of purpose {@link Purpose#POLICY}. Idempotent by batch id.
   */
  public record Offer(long batchId, List<Trajectory> trajectories, ActorRef<OfferReply> replyTo)
      implements Command, WireMessage {
    public Offer {
      trajectories = List.copyOf(trajectories);
    }
  }

  /**
   * A batch {@linkplain Purpose#isForPeople for people} reached the label store.
   *
   * @param yielded how many comparisons of its prompts the store has, and what they were made of;
   *     prompts without enough valid responses are not asked
   */
  public record Asked(long batchId, QuestionYield yielded, ActorRef<OfferReply> replyTo)
      implements Command, WireMessage {}

  /**
   * The policy learner asks for a batch; answered when enough fresh trajectories are there and no
   * older work has to be waited for. A repeated request replaces the one that waits, and one that
   * was answered gets the same answer until the next version is known.
   *
   * @param version the version the learner is about to improve
   * @param size how many trajectories
   */
  public record TakeBatch(long version, int size, ActorRef<Batch> replyTo)
      implements Command, WireMessage {}

  /** The reward learner says how labels and policy work keep pace. Late or twice does no harm. */
  public record KeepPace(Pace pace) implements Command, WireMessage {}

  /**
   * The policy learner has made a checkpoint of {@code version}: what came before it is not needed
   * any more. May be said again, and late.
   */
  public record Checkpointed(long version) implements Command, WireMessage {}

  /**
   * A node could not send a message of the run: it is too large or cannot be encoded, and so will
   * be the next one. The buffer ends, and the run with it, instead of waiting for ever.
   *
   * @param node as the cluster names it: {@code plaudit@host:port}
   * @param reason for people, in one line
   */
  public record SendFailed(String node, String reason) implements Command, WireMessage {}

  /** Asks for a summary of the buffer. */
  public record GetStatus(ActorRef<Status> replyTo) implements Command, WireMessage {}

  /**
   * What the buffer holds.
   *
   * @param policyVersion the newest policy version it knows
   * @param waiting trajectories that wait for the learner
   * @param lent trajectories on lease to samplers
   * @param accepted trajectories accepted since the start of the run
   * @param taken trajectories served since the start of the run
   * @param dropped trajectories discarded for staleness
   * @param questionsWanted comparisons still to be asked, validation included
   * @param samplers samplers that hold work or wait for some
   */
  public record Status(
      long policyVersion,
      int waiting,
      int lent,
      long accepted,
      long taken,
      long dropped,
      int questionsWanted,
      int samplers)
      implements WireMessage {}
}

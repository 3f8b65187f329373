package plaudit.labels.actor;

import java.util.List;
import java.util.Optional;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.receptionist.ServiceKey;
import plaudit.labels.Comparison;
import plaudit.labels.Label;
import plaudit.wire.WireMessage;

/**
 * The protocol of the place where comparisons wait for people and judgments wait for the reward
 * learner. Durable: what it has acknowledged survives {@code kill -9}. The gateway implements it.
 */
public final class LabelStore {

  /** The store's key in the receptionist: one store for each gateway. */
  public static final ServiceKey<Command> KEY = ServiceKey.create(Command.class, "labels");

  private LabelStore() {}

  /** Anything the store understands. */
  public interface Command {}

  /** A scorer puts comparisons to people. Idempotent by comparison id. */
  public record Ask(List<Comparison> comparisons, ActorRef<AskReply> replyTo)
      implements Command, WireMessage {
    public Ask {
      comparisons = List.copyOf(comparisons);
    }
  }

  /** The answer to {@link Ask}. */
  public sealed interface AskReply extends WireMessage {
    /**
     * All are durable.
     *
     * @param comparisons how many of them were new
     */
    record Stored(int comparisons) implements AskReply {}

    /** Not stored: the store failed; asking again is safe. */
    record Failed(String reason) implements AskReply {}
  }

  /**
   * The reward learner reads labels whose sequence is greater than {@code after}, in order, at most
   * {@code limit}. Reading consumes nothing.
   */
  public record TakeLabels(long after, int limit, ActorRef<Labels> replyTo)
      implements Command, WireMessage {}

  /** The answer to {@link TakeLabels}. */
  public record Labels(long after, List<Label> labels) implements WireMessage {
    public Labels {
      labels = List.copyOf(labels);
    }
  }

  /**
   * A run begins or resumes: an earlier stop is over.
   *
   * @param prefixes of comparison ids; the answer says what was asked under each
   */
  public record Begin(List<String> prefixes, ActorRef<Begun> replyTo)
      implements Command, WireMessage {
    public Begin {
      prefixes = List.copyOf(prefixes);
    }
  }

  /**
   * The answer to {@link Begin}.
   *
   * @param preferences judgments that name a best response
   * @param asked in the order of the prefixes
   */
  public record Begun(long preferences, List<Asked> asked) implements WireMessage {
    public Begun {
      asked = List.copyOf(asked);
    }
  }

  /**
   * What was asked under a prefix.
   *
   * @param comparisons how many
   * @param newest the greatest id, if there is one
   */
  public record Asked(long comparisons, Optional<String> newest) implements WireMessage {}

  /** Asks whether a labeler has stopped the run. */
  public record GetStopReason(ActorRef<StopReason> replyTo) implements Command, WireMessage {}

  /**
   * The answer to {@link GetStopReason}.
   *
   * @param reason the labeler's, empty if the run is not stopped
   */
  public record StopReason(String reason) implements WireMessage {}

  /** Asks for counts. */
  public record GetStatus(ActorRef<Status> replyTo) implements Command, WireMessage {}

  /**
   * Counts of the store.
   *
   * @param open comparisons that are not on lease and have no judgment
   * @param leased comparisons a labeler holds now
   * @param judged comparisons with an answer, and those withdrawn, which will never have one
   * @param preferences judgments that name a best response
   * @param lastSequence the newest label's sequence, 0 when there is none
   * @param stopped whether a labeler has stopped the run
   */
  public record Status(
      long open, long leased, long judged, long preferences, long lastSequence, boolean stopped)
      implements WireMessage {}
}

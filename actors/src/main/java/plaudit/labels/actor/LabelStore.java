package plaudit.labels.actor;

import java.time.Instant;
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

  /** Holders that a {@link Status} names, at most. */
  public static final int HOLDERS = 10;

  /** Characters of a labeler's name that people are shown. */
  private static final int SHOWN = 16;

  /** Characters of a pseudonym that people are shown. */
  private static final int SHOWN_OF_A_PSEUDONYM = 4;

  private LabelStore() {}

  private static String name(String vendor, String labeler) {
    if (labeler.isEmpty()) {
      return vendor.isEmpty() ? "a labeler" : vendor;
    }
    boolean pseudonym = labeler.startsWith("lb_");
    int shown = pseudonym ? SHOWN_OF_A_PSEUDONYM : SHOWN;
    String some = labeler.length() > shown ? labeler.substring(0, shown) + "…" : labeler;
    return pseudonym ? vendor + " labeler " + some : vendor + "/" + some;
  }

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
   * A run begins or resumes. A store has the labels of one run, the first that begins on it.
   *
   * @param run its id
   * @param resumed whether it has begun before
   * @param prefixes of comparison ids; the answer says what was asked under each
   * @param letGoOnBy the operator who lets a stopped run go on; empty leaves a stop as it is
   */
  public record Begin(
      String run,
      boolean resumed,
      List<String> prefixes,
      Optional<String> letGoOnBy,
      ActorRef<Begun> replyTo)
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
   * @param stop of a labeler, if the run is stopped still
   * @param refusal why the run may not begin here: the store has the labels of another one
   */
  public record Begun(
      long preferences, List<Asked> asked, Optional<Stop> stop, Optional<String> refusal)
      implements WireMessage {
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
   * @param stop empty if the run is not stopped
   */
  public record StopReason(Optional<Stop> stop) implements WireMessage {}

  /**
   * A labeler has stopped the run.
   *
   * @param reason the labeler's, not empty
   * @param vendor of the labeler
   * @param labeler who did it
   * @param since when
   */
  public record Stop(String reason, String vendor, String labeler, Instant since) {

    /** Who did it, for people: {@code acme/jo}, and {@code page labeler lb_7…} for a pseudonym. */
    public String by() {
      return name(vendor, labeler);
    }
  }

  /** Asks for counts. */
  public record GetStatus(ActorRef<Status> replyTo) implements Command, WireMessage {}

  /**
   * Counts of the store. Comparisons of evaluations count in {@code lastSequence} alone: the reward
   * learner's schedule does not see them.
   *
   * @param open comparisons that are not on lease and have no judgment
   * @param leased comparisons a labeler holds now
   * @param judged comparisons with an answer, and those withdrawn, which will never have one
   * @param preferences judgments that name a best response
   * @param lastSequence the newest label's sequence, 0 when there is none
   * @param stopped whether a labeler has stopped the run
   * @param taken whether a task was ever given to a labeler
   * @param holders who holds tasks now, at most {@link #HOLDERS}, the most patient first
   * @param vendors the same of whole vendors, whose {@code labeler} is empty
   */
  public record Status(
      long open,
      long leased,
      long judged,
      long preferences,
      long lastSequence,
      boolean stopped,
      boolean taken,
      List<Holder> holders,
      List<Holder> vendors)
      implements WireMessage {

    /** An empty store. */
    public static final Status EMPTY = new Status(0, 0, 0, 0, 0, false);

    public Status {
      holders = List.copyOf(holders);
      vendors = List.copyOf(vendors);
    }

    /** Counts without holders. */
    public Status(
        long open, long leased, long judged, long preferences, long lastSequence, boolean stopped) {
      this(
          open,
          leased,
          judged,
          preferences,
          lastSequence,
          stopped,
          leased + judged > 0,
          List.of(),
          List.of());
    }
  }

  /**
   * Who holds tasks.
   *
   * @param tasks on lease to it
   * @param since when it got the one that it holds longest
   */
  public record Holder(String vendor, String labeler, long tasks, Instant since) {

    /** Who it is, for people: {@code acme/jo}, and {@code page labeler lb_7…} for a pseudonym. */
    public String name() {
      return LabelStore.name(vendor, labeler);
    }
  }
}

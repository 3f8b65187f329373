package plaudit.policy;

import java.util.Optional;
import plaudit.policy.PolicyMeters.Phase;
import plaudit.snapshots.Lineage.PublishReply;
import plaudit.snapshots.Publication;
import plaudit.snapshots.Snapshot;

/**
 * What a policy learner waits for, and what it does next. Events come in by the methods, which say
 * what is due. Knows no actor, thread or clock.
 *
 * <pre>
 *   started      -> ANNOUNCE the first version; a resumed run TAKEs its first batch
 *   published    -> TAKE, or SAVE after the last update or a stop
 *   taken        -> the update is computed, unless the batch comes too late
 *   learnt       -> ANNOUNCE its version, with KEEP where a checkpoint is due
 *   kept         -> as published, once both are done
 *   stop         -> SAVE, when nothing is computed any more
 *
 *   hold         -> an update that is computed goes on to its end; nothing else is due
 *   goOn         -> ANNOUNCE what was held back, or TAKE
 * </pre>
 *
 * No checkpoint of a version is begun before the version is announced: one that is due waits with
 * the version that is held back. Only a stop saves it unannounced. A checkpoint that is due waits
 * too while an update is out of bounds.
 */
public final class PolicyLearnerState {

  /** What to begin; it counts as begun. */
  public enum Due {
    NOTHING,
    /** The buffer is to be asked for a batch; {@link #taken} follows. */
    TAKE,
    /** The registry is to hear of {@link #unanswered}; {@link #answered} follows. */
    ANNOUNCE,
    /** The same, and a checkpoint is to be written meanwhile; {@link #kept} follows. */
    ANNOUNCE_AND_KEEP,
    /** The last checkpoint is to be written, and the learner ends. */
    SAVE
  }

  private final int updates;
  private final int checkpointEvery;
  private final Publication publication = new Publication();
  private long version;

  /** Whether the last update was within bounds. */
  private boolean good = true;

  /** Whether a checkpoint waits for an update that is worth it, and is announced. */
  private boolean checkpointDue;

  private boolean computing = true;
  private boolean waiting;
  private boolean held;
  private boolean stopping;

  /**
   * A learner that is being made.
   *
   * @param updates of the run
   * @param checkpointEvery updates from one checkpoint to the next
   */
  public PolicyLearnerState(int updates, int checkpointEvery) {
    this.updates = updates;
    this.checkpointEvery = checkpointEvery;
  }

  /**
   * The learner is made.
   *
   * @param made updates made before
   * @param first the version to announce, empty if the registry has it
   */
  public Due started(long made, Optional<Snapshot> first) {
    computing = false;
    version = made;
    return first.map(this::publish).orElseGet(this::next);
  }

  /**
   * The buffer has answered.
   *
   * @param of the version that is to be learned from
   * @return whether the update is to be computed; else it is the second answer to a question that
   *     was repeated, or one that comes too late
   */
  public boolean taken(long of) {
    if (computing || !waiting || of != version) {
      return false;
    }
    waiting = false;
    computing = true;
    return true;
  }

  /**
   * An update was computed and its weights written.
   *
   * @param worthKeeping whether the update is within bounds
   */
  public Due learnt(Snapshot snapshot, boolean worthKeeping) {
    computing = false;
    version = snapshot.version();
    good = worthKeeping;
    checkpointDue |= version % checkpointEvery == 0;
    return publish(snapshot);
  }

  /** A checkpoint was written. */
  public Due kept() {
    computing = false;
    return next();
  }

  /** The registry has answered; if the version is published, {@link #next} says what is due. */
  public Publication.Outcome answered(PublishReply reply) {
    return publication.answered(reply);
  }

  /** What is due once a version is published or a checkpoint written. */
  public Due next() {
    if (computing) {
      return Due.NOTHING;
    }
    if (stopping) {
      return save();
    }
    if (held || publication.waiting().isPresent()) {
      return Due.NOTHING;
    }
    if (version >= updates) {
      return save();
    }
    waiting = true;
    return Due.TAKE;
  }

  /** The run is to end after the update in progress. */
  public Due stop() {
    stopping = true;
    return computing ? Due.NOTHING : save();
  }

  /** A labeler has stopped the run. */
  public void hold() {
    held = true;
    waiting = false;
  }

  /** The run goes on where {@link #hold} has found it. */
  public Due goOn() {
    boolean was = held;
    held = false;
    if (!was || computing) {
      return Due.NOTHING;
    }
    return publication.waiting().isPresent() ? announce() : next();
  }

  /** The version to say again: the newest, also one that is public, unless it is held back. */
  public Optional<Snapshot> sayAgain() {
    return computing || (held && unanswered().isPresent())
        ? Optional.empty()
        : publication.newest();
  }

  /** Whether to ask the buffer again. */
  public boolean asksAgain() {
    return waiting && !computing;
  }

  /** The version that the registry has not answered. */
  public Optional<Snapshot> unanswered() {
    return publication.waiting();
  }

  /** What the learner does; empty while it computes. */
  public Optional<Phase> idle() {
    if (computing) {
      return Optional.empty();
    }
    if (held) {
      return Optional.of(Phase.HELD);
    }
    return Optional.of(waiting ? Phase.WAITING_FOR_A_BATCH : Phase.PUBLISHING);
  }

  private Due publish(Snapshot snapshot) {
    publication.begin(snapshot);
    if (held) {
      return stopping ? save() : Due.NOTHING;
    }
    return announce();
  }

  private Due announce() {
    if (checkpointDue && good) {
      checkpointDue = false;
      computing = true;
      return Due.ANNOUNCE_AND_KEEP;
    }
    return Due.ANNOUNCE;
  }

  private Due save() {
    waiting = false;
    computing = true;
    return Due.SAVE;
  }
}

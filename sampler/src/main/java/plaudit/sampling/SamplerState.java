package plaudit.sampling;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import plaudit.experience.actor.ExperienceProtocol.Grant;

/**
 * What a sampler is at, what it holds and what it begins next: a version that waits takes over,
 * else a granted batch is written, else work is asked for. Knows no actor, thread or clock.
 *
 * <p>One thing at a time, and nothing is written or asked for before the first version. At most
 * {@code unacknowledged} batches are with scorers: who has as many asks for no more.
 */
public final class SamplerState {

  /** What to begin. */
  public sealed interface Due {}

  /** The version that waits takes over; {@link #tookOver} follows, and {@link #uses} if it did. */
  enum TakeOver implements Due {
    NOW
  }

  /** This is to be written; {@link #written} follows. */
  public record Write(Grant grant) implements Due {}

  /** Work is to be asked for, by a sampler of this version; {@link #granted} follows, or not. */
  public record Ask(long version) implements Due {}

  private enum Work {
    NONE,
    TAKING_OVER,
    WRITING
  }

  private final int unacknowledged;

  /**
   * Nearly always one at most. But who asks again, with a newer version or since the answer is
   * late, may get two answers, and one that was let fall would be missed until its lease runs out.
   */
  private final Deque<Grant> granted = new ArrayDeque<>();

  private Work work = Work.NONE;
  private long version = -1;

  /** Whether the buffer has a question: a second one would win work that others could begin now. */
  private boolean asked;

  /** Of a sampler that has neither a version nor work. */
  public SamplerState(int unacknowledged) {
    this.unacknowledged = unacknowledged;
  }

  /**
   * What to begin now, which counts as begun.
   *
   * @param waiting whether a version waits to take over
   * @param delivering batches that are with scorers
   */
  public Optional<Due> next(boolean waiting, int delivering) {
    if (work != Work.NONE) {
      return Optional.empty();
    }
    if (waiting) {
      work = Work.TAKING_OVER;
      return Optional.of(TakeOver.NOW);
    }
    if (version < 0) {
      return Optional.empty();
    }
    if (!granted.isEmpty()) {
      work = Work.WRITING;
      return Optional.of(new Write(granted.remove()));
    }
    if (!asked && delivering < unacknowledged) {
      asked = true;
      return Optional.of(new Ask(version));
    }
    return Optional.empty();
  }

  /** A version has taken over, or was gone when the thread came to it. */
  public void tookOver() {
    work = Work.NONE;
  }

  /** A batch is written, or could not be. */
  public void written() {
    work = Work.NONE;
  }

  /** This version is sampled with from now on, perhaps in the middle of a batch. */
  public void uses(long version) {
    this.version = version;
    asked = false;
  }

  /** The buffer has answered. */
  public void granted(Grant grant) {
    asked = false;
    granted.add(grant);
  }

  /** The question may have got lost: it may be put once more. */
  public void again() {
    asked = false;
  }

  public boolean isTakingOver() {
    return work == Work.TAKING_OVER;
  }

  public boolean isWriting() {
    return work == Work.WRITING;
  }
}

package plaudit.experience;

import java.time.Instant;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * All that a {@link Ledger} knows, at rest: what a new one needs to go on as if nothing had
 * happened. The fields are the ledger's own.
 *
 * @param lent work that somebody holds, in the order of lending
 * @param overdue work to be dealt again, in the order in which it will be
 * @param waiting trajectories that wait for the learner, oldest first
 * @param last the batch that is being learned from
 */
public record LedgerState(
    long version,
    boolean rewardKnown,
    Pace pace,
    Map<Purpose, Long> positions,
    Map<Purpose, Long> asked,
    long nextBatchId,
    long admitted,
    long served,
    long accepted,
    long taken,
    long dropped,
    long superseded,
    List<Lent> lent,
    List<Work> overdue,
    List<Trajectory> waiting,
    Optional<Batch> last) {

  public LedgerState {
    positions = copy(positions);
    asked = copy(asked);
    lent = List.copyOf(lent);
    overdue = List.copyOf(overdue);
    waiting = List.copyOf(waiting);
  }

  /**
   * A piece of work under the id that it was last lent with.
   *
   * @param version of whoever had it last, 0 if nobody had
   */
  public record Work(long batchId, Purpose purpose, List<Prompt> prompts, long version) {
    public Work {
      prompts = List.copyOf(prompts);
    }
  }

  /** Work on lease. */
  public record Lent(Work work, String holder, Instant until) {}

  private static Map<Purpose, Long> copy(Map<Purpose, Long> counts) {
    Map<Purpose, Long> copy = new EnumMap<>(Purpose.class);
    for (Purpose purpose : Purpose.values()) {
      copy.put(purpose, counts.getOrDefault(purpose, 0L));
    }
    return Collections.unmodifiableMap(copy);
  }
}

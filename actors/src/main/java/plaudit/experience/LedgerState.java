package plaudit.experience;

import java.time.Instant;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The whole state of a {@link Ledger}: a new ledger with it behaves as the old one would have.
 * Trajectories are counted from the start of the run.
 *
 * @param version the newest policy version known
 * @param rewardKnown whether there is a reward model, or none is needed ({@link Pace#FREE})
 * @param pace how labels and policy work keep pace
 * @param positions prompts drawn from each stream
 * @param asked comparisons asked, by purpose
 * @param nextBatchId the id of the next grant
 * @param admitted accepted and not dropped: the admission rule's count
 * @param served served, or known by the version to have been learned from
 * @param accepted accepted
 * @param taken served by this ledger or learned from before it
 * @param dropped dropped for staleness, at delivery or later
 * @param superseded deliveries that came twice or too late to count
 * @param lent work on lease, in the order of lending
 * @param overdue work to be lent again, in this order
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
   * A piece of work.
   *
   * @param batchId the id it was last lent under, or is first lent after
   * @param version the policy version of the sampler it was last lent to: its responses are not
   *     older; 0 if it was never lent
   */
  public record Work(long batchId, Purpose purpose, List<Prompt> prompts, long version) {
    public Work {
      prompts = List.copyOf(prompts);
    }
  }

  /** Work on lease. */
  public record Lent(Work work, String holder, Instant until) {}

  /** The state of a ledger at {@code settings.start()}, with nothing lent and nothing waiting. */
  static LedgerState fresh(ExperienceSettings settings, long firstBatchId) {
    Start start = settings.start();
    long learned = start.version() * settings.batchSize();
    return new LedgerState(
        start.version(),
        false,
        Pace.NONE_YET,
        Map.of(
            Purpose.POLICY, learned / settings.group(),
            Purpose.QUESTION, start.questionsDealt(),
            Purpose.VALIDATION, start.validationsDealt()),
        Map.of(Purpose.QUESTION, start.questions(), Purpose.VALIDATION, start.validations()),
        firstBatchId,
        learned,
        learned,
        learned,
        learned,
        0,
        0,
        List.of(),
        List.of(),
        List.of(),
        Optional.empty());
  }

  private static Map<Purpose, Long> copy(Map<Purpose, Long> counts) {
    Map<Purpose, Long> copy = new EnumMap<>(Purpose.class);
    for (Purpose purpose : Purpose.values()) {
      copy.put(purpose, counts.getOrDefault(purpose, 0L));
    }
    return Collections.unmodifiableMap(copy);
  }
}

package plaudit.experience;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.SortedSet;
import java.util.stream.LongStream;
import plaudit.experience.LedgerState.Work;

/**
 * The rules of {@link OnStale#WAIT}: no trajectory that is waiting or on lease may become more than
 * K versions old before it is served. With {@link OnStale#DROP} nothing is restricted.
 *
 * <p><b>The test.</b> Suppose that all work on lease were delivered now, written with the version
 * it was lent for. Sort all trajectories by version and serve them oldest first, one batch per
 * version: trajectory {@code i}, from 0, is served at version {@code next + i / batch}, and must be
 * at most K versions old there. This order meets every deadline if any order does (earliest
 * deadline first, Jackson 1955), so no other needs to be tried. If every trajectory meets its
 * deadline, the set is called feasible.
 *
 * <p><b>Two rules keep it feasible:</b>
 *
 * <ul>
 *   <li>A batch is served only if the rest, work on lease included, is feasible from the next
 *       version on. Otherwise the learner waits until older work has been delivered.
 *   <li>Work is lent only if the set with it is feasible. For a sampler with the newest version it
 *       always is: admission lets at most eta + 1 batches be begun, and eta is at most K.
 * </ul>
 *
 * So a delivery within its lease is never refused, and nothing that waits is dropped.
 *
 * <p><b>The learner's wait ends.</b> Once a full batch has been served at version v, at most eta
 * batches are begun. Work lent for version v is therefore at most eta versions old when served, and
 * does not block. Only work lent for older versions blocks, and its leases end after the lease
 * time. Recalled work leaves the set and is written anew with a newer version; if it is delivered
 * late, it counts only if the set stays feasible, otherwise it is {@linkplain OfferReply.Stale
 * stale} and its prompts are lent again. So the learner waits for old work at most one lease time
 * after the last sampler has loaded its version.
 *
 * <p><b>The exception.</b> A version that was made from a batch of an earlier ledger moves the
 * deadlines of what this ledger holds. What is infeasible then is recalled if it is on lease, and
 * dropped if it waits.
 */
final class StalenessBound {

  private final ExperienceSettings settings;
  private final OutstandingWork work;
  private final SortedSet<Trajectory> waiting;

  /**
   * Reads {@code work} and {@code waiting} each time it is asked.
   *
   * @param waiting oldest first
   */
  StalenessBound(ExperienceSettings settings, OutstandingWork work, SortedSet<Trajectory> waiting) {
    this.settings = settings;
    this.work = work;
    this.waiting = waiting;
  }

  /**
   * Whether more trajectories may join those that wait or are on lease.
   *
   * @param next the version whose batch is served next
   * @param more their versions
   */
  boolean mayJoin(long next, LongStream more) {
    return !waits() || isFeasible(next, LongStream.concat(versionsAfter(0), more));
  }

  /** Whether the oldest {@code size} may be served at {@code version}. */
  boolean mayServe(long version, int size) {
    return !waits() || isFeasible(version + 1, versionsAfter(size));
  }

  /**
   * Recalls the work on lease, and removes the waiting trajectories, that are infeasible from
   * {@code version} on.
   *
   * @return how many trajectories were removed
   */
  int removeInfeasible(long version) {
    if (!waits()) {
      return 0;
    }
    Service service = new Service(version);
    Deque<Work> lent = new ArrayDeque<>(work.lentOldestFirst());
    int before = waiting.size();
    waiting.removeIf(
        one -> {
          long written = one.rollout().policyVersion();
          while (!lent.isEmpty() && lent.peek().version() < written) {
            addOrRecall(service, lent.poll());
          }
          return !service.add(written, 1);
        });
    lent.forEach(one -> addOrRecall(service, one));
    return before - waiting.size();
  }

  private void addOrRecall(Service service, Work one) {
    if (!service.add(one.version(), one.prompts().size() * settings.group())) {
      work.recall(one.batchId());
    }
  }

  private boolean waits() {
    return settings.onStale() == OnStale.WAIT;
  }

  private boolean isFeasible(long next, LongStream versions) {
    Service service = new Service(next);
    return versions.sorted().allMatch(version -> service.add(version, 1));
  }

  /** The versions of all that waits, without the oldest {@code served}, and of all on lease. */
  private LongStream versionsAfter(int served) {
    return LongStream.concat(
        waiting.stream().skip(served).mapToLong(one -> one.rollout().policyVersion()),
        work.lentVersions(settings.group()));
  }

  /** Serves trajectories oldest first, a batch at each version from {@code next} on. */
  private final class Service {

    private final long next;
    private long served;

    Service(long next) {
      this.next = next;
    }

    /**
     * Adds trajectories, in the order of their versions; those that would be served too late are
     * left out.
     *
     * @return whether the last of them is served in time
     */
    boolean add(long version, int size) {
      long at = next + (served + size - 1) / settings.batchSize();
      if (at - version > settings.maxStaleness()) {
        return false;
      }
      served += size;
      return true;
    }
  }
}

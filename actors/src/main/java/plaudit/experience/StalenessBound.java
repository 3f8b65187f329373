package plaudit.experience;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.stream.LongStream;
import plaudit.experience.OutstandingWork.Work;

/**
 * Whether there is a place in the {@link Timetable} for what waits, what is lent and what comes
 * next: the rules of {@link OnStale#WAIT}. With {@link OnStale#DROP} there always is.
 *
 * <p>At any time, if all that is lent came back now, written with the version it was lent to or a
 * newer one, then it and all that waits would be served at an age of K at most. Two rules keep it
 * so:
 *
 * <ul>
 *   <li>A batch is served only if what remains, lent work included, has a timetable from the next
 *       version on. Else the learner waits until older work is back.
 *   <li>Work is lent only if it has a place in the timetable. For a sampler with the newest version
 *       it always has: admission lets at most eta + 1 batches be out, and eta is at most K.
 * </ul>
 *
 * So a delivery in time is never refused, and nothing that waits is dropped. <i>The wait ends:</i>
 * after a full batch of version v at most eta batches are out; work lent to version v itself
 * therefore has a place at an age of eta at most and is not in the way. What is in the way was lent
 * to older versions, and no lease lasts longer than the lease time. Recalled work leaves the
 * timetable; whoever gets it next writes it with a newer version. Its late delivery counts only if
 * it has a place, otherwise it is {@linkplain OfferReply.Stale stale} and the prompts are dealt
 * again. So the learner waits for old work no longer than one lease time after the last sampler has
 * loaded its version.
 *
 * <p>One thing is beyond these rules: a version made from a batch of an earlier ledger overtakes
 * what this one holds. What has no place any more is recalled, or dropped if it is written already.
 */
final class StalenessBound {

  private final ExperienceSettings settings;
  private final OutstandingWork works;
  private final Backlog backlog;

  /** Looks at what is lent and what waits whenever it is asked. */
  StalenessBound(ExperienceSettings settings, OutstandingWork works, Backlog backlog) {
    this.settings = settings;
    this.works = works;
    this.backlog = backlog;
  }

  /**
   * Whether there are places for these beside all that waits or is lent.
   *
   * @param next the version whose batch is served next
   */
  boolean has(long next, LongStream more) {
    return !waits() || hasTimetable(next, LongStream.concat(versions(0), more));
  }

  /** Whether what remains has a timetable when the oldest {@code size} are served at a version. */
  boolean mayServe(long version, int size) {
    return !waits() || hasTimetable(version + 1, versions(size));
  }

  /**
   * Batches of an earlier ledger took places: what is lent and has none is recalled, what waits and
   * has none is removed. Answers how many trajectories were.
   */
  int giveUpOvertaken(long version) {
    if (!waits()) {
      return 0;
    }
    Timetable timetable = new Timetable(settings, version);
    Deque<Map.Entry<Long, Work>> lent = new ArrayDeque<>(works.lentOldestFirst().toList());
    int removed = 0;
    for (Trajectory one : backlog.all()) {
      while (!lent.isEmpty() && lent.peek().getValue().version() < Backlog.version(one)) {
        enterOrRecall(timetable, lent.poll());
      }
      if (!timetable.enter(Backlog.version(one), 1)) {
        backlog.remove(one);
        removed++;
      }
    }
    lent.forEach(work -> enterOrRecall(timetable, work));
    return removed;
  }

  private void enterOrRecall(Timetable timetable, Map.Entry<Long, Work> lent) {
    Work work = lent.getValue();
    if (!timetable.enter(work.version(), work.prompts().size() * settings.group())) {
      works.recall(lent.getKey());
    }
  }

  private boolean waits() {
    return settings.onStale() == OnStale.WAIT;
  }

  private boolean hasTimetable(long next, LongStream versions) {
    return new Timetable(settings, next).enterAll(versions);
  }

  /** Of all that waits, but for the oldest {@code served}, and of all that is lent. */
  private LongStream versions(int served) {
    return LongStream.concat(backlog.versions(served), works.lentVersions(settings.group()));
  }
}

package plaudit.experience;

import java.util.stream.LongStream;

/**
 * When trajectories will be served if all of them came back now: the oldest first, a batch a
 * version. The one with {@code i} others before it goes into the batch of version {@code next + i /
 * batch}, and must not be older than K there. Serving the oldest first meets all deadlines if any
 * order does (Jackson 1955), so there is no other timetable to look for.
 *
 * <p>Trajectories enter in the order of their versions; who would come too late takes no place.
 */
final class Timetable {

  private final long next;
  private final int batch;
  private final int bound;
  private long places;

  /**
   * An empty one.
   *
   * @param next the version whose batch is served next
   */
  Timetable(ExperienceSettings settings, long next) {
    this.next = next;
    this.batch = settings.batchSize();
    this.bound = settings.maxStaleness();
  }

  /** Enters {@code size} trajectories of {@code version}; false if the last would be too old. */
  boolean enter(long version, int size) {
    long served = next + (places + size - 1) / batch;
    if (served - version > bound) {
      return false;
    }
    places += size;
    return true;
  }

  /** Whether all come in time: a trajectory of each version given, in any order. */
  boolean enterAll(LongStream versions) {
    return versions.sorted().allMatch(version -> enter(version, 1));
  }
}

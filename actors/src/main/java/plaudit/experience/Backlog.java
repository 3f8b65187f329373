package plaudit.experience;

import static java.util.Comparator.comparingInt;
import static java.util.Comparator.comparingLong;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.LongStream;

/**
 * What was delivered and waits for the learner, the oldest first. Responses to one prompt begin
 * with the same version, so a group stays together in this order.
 */
final class Backlog {

  private static final Comparator<Trajectory> OLDEST_FIRST =
      comparingLong(Backlog::version)
          .thenComparing(comparingLong(t -> t.rollout().promptId()))
          .thenComparing(comparingInt(t -> t.rollout().index()));

  private final TreeSet<Trajectory> waiting = new TreeSet<>(OLDEST_FIRST);

  /** The version of a trajectory's oldest token. */
  static long version(Trajectory trajectory) {
    return trajectory.rollout().policyVersion();
  }

  void addAll(Collection<Trajectory> delivered) {
    waiting.addAll(delivered);
  }

  void remove(Trajectory one) {
    waiting.remove(one);
  }

  int size() {
    return waiting.size();
  }

  /** All of them. */
  List<Trajectory> all() {
    return List.copyOf(waiting);
  }

  /** Takes the oldest {@code size}, which must be there. */
  List<Trajectory> takeOldest(int size) {
    List<Trajectory> oldest = new ArrayList<>(size);
    while (oldest.size() < size) {
      oldest.add(waiting.pollFirst());
    }
    return oldest;
  }

  /** Removes what is older than {@code version}; answers how many. */
  int removeOlderThan(long version) {
    int removed = 0;
    while (!waiting.isEmpty() && version(waiting.first()) < version) {
      waiting.pollFirst();
      removed++;
    }
    return removed;
  }

  /** Of all but the oldest {@code served}. */
  LongStream versions(int served) {
    return waiting.stream().skip(served).mapToLong(Backlog::version);
  }
}

package plaudit.lab.bench;

import java.util.ArrayList;
import java.util.List;
import plaudit.experience.Batch;
import plaudit.experience.Trajectory;

/**
 * Records when each update of a learner was done and how old its trajectories were. The first
 * updates, in which queues fill, do not count. Not thread-safe.
 */
final class ThroughputRecorder {

  private record Update(double at, int size, double age, double oldest) {}

  private final Limits limits;
  private final List<Update> updates = new ArrayList<>();
  private int seen;

  /**
   * When a measurement is long enough.
   *
   * @param warm updates that do not count
   * @param updates that are measured at least
   * @param seconds that are measured at least
   */
  record Limits(int warm, int updates, double seconds) {
    Limits {
      if (warm < 0 || updates < 1 || !(seconds >= 0)) {
        throw new IllegalArgumentException(
            "warm, updates, seconds: %d, %d, %s (expected: >= 0, >= 1, >= 0)"
                .formatted(warm, updates, seconds));
      }
    }
  }

  ThroughputRecorder(Limits limits) {
    this.limits = limits;
  }

  /**
   * An update was done.
   *
   * @param at in seconds from anywhere
   * @return whether it was the last that is needed
   */
  boolean add(double at, Batch batch) {
    seen++;
    if (seen < limits.warm()) {
      return false;
    }
    List<Trajectory> all = batch.trajectories();
    double sum = 0;
    double oldest = 0;
    for (Trajectory one : all) {
      double age = (double) (batch.version() - one.rollout().policyVersion());
      sum += age;
      oldest = Math.max(oldest, age);
    }
    updates.add(new Update(at, all.size(), sum / all.size(), oldest));
    return measured() >= limits.updates() && seconds() >= limits.seconds();
  }

  /** Updates between the first mark and the last. */
  int measured() {
    return Math.max(0, updates.size() - 1);
  }

  /** Seconds between the first mark and the last. */
  double seconds() {
    return updates.isEmpty() ? 0 : updates.get(updates.size() - 1).at() - updates.get(0).at();
  }

  /** Trajectories learned from, a second. */
  double throughput() {
    return counted().stream().mapToInt(Update::size).sum() / seconds();
  }

  /** Mean age of a trajectory, in versions. */
  double staleness() {
    return counted().stream().mapToDouble(Update::age).average().orElse(0);
  }

  /** The greatest age. */
  double oldest() {
    return counted().stream().mapToDouble(Update::oldest).max().orElse(0);
  }

  private List<Update> counted() {
    return updates.isEmpty() ? updates : updates.subList(1, updates.size());
  }
}

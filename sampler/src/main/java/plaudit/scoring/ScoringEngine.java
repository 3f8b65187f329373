package plaudit.scoring;

import java.util.List;
import plaudit.experience.Rollout;
import plaudit.experience.Trajectory;
import plaudit.snapshots.Snapshot;

/** The reference and the reward source of one scorer. One thread calls at a time. */
public interface ScoringEngine extends AutoCloseable {

  /** Takes the trajectories of one batch: one of both methods is called, once, on any thread. */
  interface Receiver {

    /** In the order of the rollouts. */
    void scored(List<Trajectory> trajectories);

    /** The batch could not be scored. */
    void failed(RuntimeException why);
  }

  /** Brings the file of a reward version to this machine. */
  void fetch(Snapshot snapshot);

  /** Scores with this reward version from now on. */
  void load(Snapshot snapshot);

  /** Whether nothing can be scored before a reward version is loaded. */
  default boolean needsReward() {
    return true;
  }

  /**
   * Scores rollouts; {@code receiver} is told before this returns, or later where the scores come
   * from another machine. Further batches may be begun meanwhile.
   */
  void score(List<Rollout> rollouts, Receiver receiver);

  @Override
  void close();
}

package plaudit.scoring;

import java.util.List;
import plaudit.experience.Rollout;
import plaudit.experience.Trajectory;
import plaudit.snapshots.Snapshot;

/** The reference and the reward model of one scorer. One thread calls at a time. */
public interface ScoringEngine extends AutoCloseable {

  /** Brings the file of a reward version to this machine. */
  void fetch(Snapshot snapshot);

  /** Scores with this reward version from now on. */
  void load(Snapshot snapshot);

  /** Scores rollouts, in order. */
  List<Trajectory> score(List<Rollout> rollouts);

  @Override
  void close();
}

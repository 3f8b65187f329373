package plaudit.policy;

import java.nio.file.Path;
import java.util.List;
import java.util.OptionalDouble;
import plaudit.experience.Trajectory;
import plaudit.policy.Tripwires.Verdict;
import plaudit.snapshots.Snapshot;

/** Makes the versions of a policy, one from each batch. Belongs to one thread. */
public interface UpdateEngine extends AutoCloseable {

  /** The present version: updates so far. */
  long version();

  /** What the tripwires say of the last update. */
  Verdict verdict();

  /**
   * Learns from one batch and becomes the next version.
   *
   * @param validationWinRate newest share of validation questions that the policy wins against the
   *     reference, at most (the upper end of its interval); empty where nothing new was measured
   */
  UpdateReport learn(List<Trajectory> batch, OptionalDouble validationWinRate);

  /** Writes the weights of the present version. */
  Snapshot publish();

  /** Deletes the weights of all but the newest {@code kept} versions. */
  void prune(int kept);

  /** Writes all that is needed to go on from the present version. */
  void checkpoint(Path directory);

  @Override
  void close();
}

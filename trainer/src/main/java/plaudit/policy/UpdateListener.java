package plaudit.policy;

import java.util.List;
import plaudit.experience.Trajectory;

/** Hears of policy updates, on the learner's compute thread: it may block, but the next waits. */
@FunctionalInterface
public interface UpdateListener {

  /** An update was made from {@code batch}. */
  void onUpdate(UpdateReport report, List<Trajectory> batch);
}

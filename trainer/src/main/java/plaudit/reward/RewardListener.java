package plaudit.reward;

/** Hears of the reward learner's work; must be safe to call from other threads, and quick. */
public interface RewardListener {

  /** A training is done; called on the learner's compute thread. */
  void onTraining(RewardReport report);

  /** Twice a second, on the learner's actor. */
  void onPace(PaceReport report);
}

package plaudit.node;

import org.apache.pekko.actor.typed.ActorRef;
import plaudit.policy.actor.PolicyLearner;
import plaudit.policy.actor.PolicyLearner.ValidationWinRate;
import plaudit.stats.Wins;
import plaudit.training.TrainingObserver;
import plaudit.training.TrainingObserver.PaceReport;
import plaudit.training.TrainingObserver.RewardReport;

/**
 * Takes what people say of the policy from the slow loop to the fast one: the policy learner's
 * tripwires hear of it whenever another validation question was answered. Everything else is for
 * the next listener alone. Called on the reward learner's actor and compute thread.
 */
final class WinRateWire implements TrainingObserver {

  private final TrainingObserver next;
  private final ActorRef<PolicyLearner.Command> learner;
  private Wins last = new Wins(0, 0);

  WinRateWire(TrainingObserver next, ActorRef<PolicyLearner.Command> learner) {
    this.next = next;
    this.learner = learner;
  }

  @Override
  public void onTraining(RewardReport report) {
    next.onTraining(report);
  }

  @Override
  public void onPace(PaceReport report) {
    if (!report.wins().equals(last)) {
      last = report.wins();
      learner.tell(new ValidationWinRate(last.rate().high()));
    }
    next.onPace(report);
  }
}

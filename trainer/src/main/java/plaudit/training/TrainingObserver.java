package plaudit.training;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;
import plaudit.experience.Trajectory;
import plaudit.labels.actor.LabelStore;
import plaudit.policy.UpdateReport;
import plaudit.stats.Agreement;
import plaudit.stats.Wins;

/**
 * Follows trainings, and may end one early. A method that is not overridden does nothing. Each is
 * called on the thread that trains, which waits for it, unless it says otherwise.
 */
public interface TrainingObserver {

  /** Sees nothing and lets every training go on to its end. */
  TrainingObserver NONE = new TrainingObserver() {};

  /** Sees steps alone, and ends the training after the first of which {@code goOn} is false. */
  static TrainingObserver ofSteps(Predicate<Step> goOn) {
    return new TrainingObserver() {
      private boolean stopped;

      @Override
      public void onStep(Step step) {
        stopped = !goOn.test(step);
      }

      @Override
      public boolean stopped() {
        return stopped;
      }
    };
  }

  /** Whether the training is to end: asked between two steps and within long ones. */
  default boolean stopped() {
    return false;
  }

  /** An optimizer step of a language or a reward model was made. */
  default void onStep(Step step) {}

  /** A policy update was made from {@code batch}. */
  default void onUpdate(UpdateReport report, List<Trajectory> batch) {}

  /** A version of the reward model was trained. */
  default void onTraining(RewardReport report) {}

  /** How labels and policy keep pace, twice a second, on the reward learner's actor: be quick. */
  default void onPace(PaceReport report) {}

  /**
   * An optimizer step.
   *
   * @param number from 1
   * @param start how far the training was before it: rows for a reward model, steps for a language
   *     model
   * @param done how far it is now
   * @param total how far it goes
   * @param learningRate of this step
   * @param loss mean over what the step learned from, before the step, in nats for likelihoods
   * @param tokens read for it
   */
  record Step(
      long number,
      long start,
      long done,
      long total,
      double learningRate,
      double loss,
      long tokens) {}

  /**
   * A training of the reward model.
   *
   * @param version the reward version it made
   * @param labels training labels used
   * @param firstLoss mean loss of the first tenth of the steps, in nats
   * @param lastLoss mean loss of the last tenth
   * @param trainingAgreement how often the best-scored response of a training label was the
   *     person's choice, seen before the label was learned from
   * @param heldOut the same over held-out labels, after training
   * @param chance the share of those that blind choice would agree with
   * @param seconds it took
   */
  record RewardReport(
      long version,
      int labels,
      double firstLoss,
      double lastLoss,
      Agreement trainingAgreement,
      Agreement heldOut,
      double chance,
      double seconds) {

    /** Held-out labels below which their share says too little to doubt a model. */
    private static final int ENOUGH = 20;

    /** Why this model may have learned nothing, in words; empty if it clearly beats chance. */
    public Optional<String> doubt() {
      if (heldOut.judged() < ENOUGH || heldOut.accuracy().low() > chance) {
        return Optional.empty();
      }
      return Optional.of(
          String.format(
              Locale.ROOT,
              "reward model %d agrees with %d of %d held-out labels (%.0f %%), not clearly more than"
                  + " chance (%.0f %%); a lower reward.learning-rate, more reward.epochs or more"
                  + " labels may help",
              version,
              heldOut.agreed(),
              heldOut.judged(),
              100 * heldOut.accuracy().share(),
              100 * chance));
    }
  }

  /**
   * How labels and policy keep pace.
   *
   * @param store what the label store counts
   * @param waiting whether the policy waits for labels or for a training
   * @param wins of the policy against the reference, over the newest validation labels
   * @param agreement between people who judged the same comparison
   */
  record PaceReport(LabelStore.Status store, boolean waiting, Wins wins, Agreement agreement) {

    /** Judgments that name a best response. */
    public long labels() {
      return store.preferences();
    }
  }
}

package plaudit.parallel;

import plaudit.policy.Gradients;
import plaudit.policy.MinibatchTargets;
import plaudit.policy.UpdateStats;

/** Adds the gradient of one optimizer step to the networks' and says how it was divided. */
interface StepGradients {

  /** As {@link Gradients#add}. */
  ShardPlan add(MinibatchTargets minibatch, double beta, UpdateStats stats, long untouched);
}

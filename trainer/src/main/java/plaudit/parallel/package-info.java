/**
 * Data-parallel learning: helpers compute the gradients of some rows of each minibatch, the learner
 * adds them to its own and makes the step. Helpers have no state worth saving and may join and
 * leave at any time; what a helper does not deliver, the learner computes. {@link Shares} and
 * {@link ShardedStep} are the rules, {@link DataParallel} is the learner's side, {@link
 * HelperEngine} the helper's.
 *
 * <p>Which rows are computed together depends on timing, and the rounding of the sum depends on it:
 * {@link ShardLog} keeps the {@link ShardPlan} of each step, and {@link RecordedGradients} repeats
 * an update by it.
 */
@NullMarked
package plaudit.parallel;

import org.jspecify.annotations.NullMarked;

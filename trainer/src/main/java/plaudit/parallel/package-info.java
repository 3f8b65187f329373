/**
 * Data-parallel learning: helpers compute the gradients of a part of each minibatch, the learner
 * adds them to its own and makes the step. They keep nothing worth saving and come and go at any
 * time; what one does not deliver, the learner computes itself. {@link Shares} and {@link
 * ShardedStep} are the rules, {@link DataParallel} the learner's side, {@link GradientHelper} the
 * other one.
 *
 * <p>Who brought what depends on timing, and the rounding of the sum on who brought what: {@link
 * SharedUpdates} keeps it, and {@link RecordedGradients} makes an update again by it.
 */
@NullMarked
package plaudit.parallel;

import org.jspecify.annotations.NullMarked;
import plaudit.parallel.actor.GradientHelper;

/**
 * The actors of data-parallel learning: {@link plaudit.parallel.actor.GradientHelper} computes, and
 * {@link plaudit.parallel.actor.Helpers} is the learner's view of all helpers of the cluster.
 */
@NullMarked
package plaudit.parallel.actor;

import org.jspecify.annotations.NullMarked;

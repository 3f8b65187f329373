/** The fast loop's learner: the actor around an {@link plaudit.policy.UpdateEngine}. */
@NullMarked
package plaudit.policy.actor;

import org.jspecify.annotations.NullMarked;

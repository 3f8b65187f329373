/**
 * Prompts, rollouts and trajectories, the fast loop's work and evidence, and the rules of the
 * buffer where they meet.
 *
 * <p>Samplers borrow prompts on lease, scorers offer the finished trajectories, and the policy
 * learner takes batches. How much may be lent, what is fresh enough and what was already used is
 * decided by the pure {@link plaudit.experience.Ledger}; the actor around it is in {@code
 * plaudit.experience.actor}.
 */
@NullMarked
package plaudit.experience;

import org.jspecify.annotations.NullMarked;

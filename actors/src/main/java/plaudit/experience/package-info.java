/**
 * What the policy did and how it was scored: the fast loop's work, evidence and meeting place.
 *
 * <p>Samplers {@code Borrow} prompts on lease from the {@link
 * plaudit.experience.actor.ExperienceBuffer}, scorers {@code Offer} the finished trajectories to
 * it, and the policy learner is served fresh batches by {@code TakeBatch}. How much may be lent,
 * what is fresh enough and what was already used is decided by the pure {@link
 * plaudit.experience.Ledger}.
 */
@NullMarked
package plaudit.experience;

import org.jspecify.annotations.NullMarked;

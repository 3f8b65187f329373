/**
 * The planner: what throughput and staleness a fleet will have, and what one more sampler, learner,
 * labeler or version of slack would bring.
 *
 * <p>{@link plaudit.lab.plan.Rates} are measured, from a run's directory or by hand; {@link
 * plaudit.lab.plan.ClosedForm} answers at once; {@link plaudit.lab.plan.EventModel} plays the fleet
 * under virtual time with the very {@link plaudit.experience.Ledger} a run admits work with, and so
 * knows the tails too.
 */
@NullMarked
package plaudit.lab.plan;

import org.jspecify.annotations.NullMarked;

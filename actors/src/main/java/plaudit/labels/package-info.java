/**
 * What people are asked and what they answered: the slow loop's work and evidence.
 *
 * <p>A {@link plaudit.labels.Comparison} puts several responses of one query to a person, a {@link
 * plaudit.labels.Judgment} is the answer. The protocol of the place that keeps both is {@link
 * plaudit.labels.actor.LabelStore}; its durable implementation lives in the gateway, behind the
 * same door as the people.
 */
@NullMarked
package plaudit.labels;

import org.jspecify.annotations.NullMarked;

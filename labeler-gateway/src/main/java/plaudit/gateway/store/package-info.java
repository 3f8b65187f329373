/**
 * The durable label store: comparisons wait for people, judgments wait for the reward learner.
 * {@link plaudit.gateway.store.JdbcLabels} holds the rules over JDBC, {@link
 * plaudit.gateway.actor.LabelStoreActor} is its actor. A lease decides who is expected, never whose
 * opinion is true: late and surplus judgments are kept with a disposition. Every change appends an
 * event in the transaction that makes it.
 */
@NullMarked
package plaudit.gateway.store;

import org.jspecify.annotations.NullMarked;

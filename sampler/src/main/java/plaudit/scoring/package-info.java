/**
 * Rewards and reference log-probabilities of rollouts, and which rollouts become questions for
 * people.
 */
@NullMarked
package plaudit.scoring;

import org.jspecify.annotations.NullMarked;

/**
 * Writing responses: the pure decode loop with its derived randomness, and the sampler that borrows
 * prompts, writes and hands the rollouts to a scorer.
 */
@NullMarked
package plaudit.sampling;

import org.jspecify.annotations.NullMarked;

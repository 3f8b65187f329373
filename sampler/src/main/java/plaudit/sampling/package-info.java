/**
 * Writing responses: the decode loop with its derived randomness, the engine that holds the policy,
 * and the state machine of a sampler.
 */
@NullMarked
package plaudit.sampling;

import org.jspecify.annotations.NullMarked;

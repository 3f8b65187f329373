package plaudit.parallel;

import plaudit.snapshots.FileRef;

/**
 * A part of a minibatch whose gradient is wanted.
 *
 * @param weights what is trained, as it is in this step
 * @param lesson the part, see {@link MinibatchTargetsCodec}
 * @param outOf weight of the whole minibatch
 * @param beta price of one nat
 * @param untouched the policy's version if no step has changed it since, else -1
 * @param terms what the losses go by; a helper with other settings declines
 */
public record Work(
    FileRef weights, FileRef lesson, long outOf, double beta, long untouched, String terms) {}

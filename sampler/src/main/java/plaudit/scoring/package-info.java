/**
 * Judging responses by machine: reward, reference log-probabilities, and which rollouts become
 * questions for people. A scorer keeps nothing worth saving.
 */
@NullMarked
package plaudit.scoring;

import org.jspecify.annotations.NullMarked;

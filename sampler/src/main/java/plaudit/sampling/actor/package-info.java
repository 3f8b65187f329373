/** The sampler. */
@NullMarked
package plaudit.sampling.actor;

import org.jspecify.annotations.NullMarked;

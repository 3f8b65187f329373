/**
 * Who holds what until when: one idea for machines and people. A sampler that crashed and a labeler
 * who went home are the same case: the lease runs out and the work goes out again. Beside it the
 * other side of a lost message: a request that is repeated until it is answered.
 */
@NullMarked
package plaudit.lease;

import org.jspecify.annotations.NullMarked;

/**
 * Leases, one rule for machines and people: a sampler that crashed and a labeler who went home are
 * the same case, the lease runs out and the work is lent again. And requests that are repeated
 * until they are answered.
 */
@NullMarked
package plaudit.lease;

import org.jspecify.annotations.NullMarked;

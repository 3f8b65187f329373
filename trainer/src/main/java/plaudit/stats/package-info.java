/** Shares that were counted, with the interval in which the true one lies. */
@NullMarked
package plaudit.stats;

import org.jspecify.annotations.NullMarked;

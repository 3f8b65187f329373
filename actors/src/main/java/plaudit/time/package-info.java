/** Clocks for what is measured as a duration, whatever happens to the wall clock meanwhile. */
@NullMarked
package plaudit.time;

import org.jspecify.annotations.NullMarked;

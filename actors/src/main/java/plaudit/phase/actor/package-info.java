/** Meters of the threads that actors run on. */
@NullMarked
package plaudit.phase.actor;

import org.jspecify.annotations.NullMarked;

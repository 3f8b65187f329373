/** The threads that networks compute on. */
@NullMarked
package plaudit.compute;

import org.jspecify.annotations.NullMarked;

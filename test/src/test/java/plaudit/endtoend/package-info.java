/** What must hold of the whole: real parts, seen from outside. */
@NullMarked
package plaudit.endtoend;

import org.jspecify.annotations.NullMarked;

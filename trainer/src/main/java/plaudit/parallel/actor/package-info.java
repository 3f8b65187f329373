/** TODO */
@NullMarked
package plaudit.parallel.actor;

import org.jspecify.annotations.NullMarked;

/** TODO */
@NullMarked
package plaudit.compute;

import org.jspecify.annotations.NullMarked;

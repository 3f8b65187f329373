/** What holds of the whole: who may see whom. */
@NullMarked
package plaudit.architecture;

import org.jspecify.annotations.NullMarked;

/** TODO */
@NullMarked
package plaudit.stats;

import org.jspecify.annotations.NullMarked;

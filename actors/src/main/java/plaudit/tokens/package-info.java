/** TODO */
@NullMarked
package plaudit.tokens;

import org.jspecify.annotations.NullMarked;

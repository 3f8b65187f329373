/** Golden vectors of the paper's formulas, and slow references the fast tensor code is held to. */
@NullMarked
package plaudit.policy;

import org.jspecify.annotations.NullMarked;

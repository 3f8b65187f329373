/**
 * A run from its inputs to its report: what is loaded before the first actor starts, who watches
 * while the loops turn, and what is measured and written when they stop.
 */
@NullMarked
package plaudit.node;

import org.jspecify.annotations.NullMarked;

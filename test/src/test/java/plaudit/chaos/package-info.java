/**
 * Real processes are killed at every moment of their work, cut off and started again; afterwards
 * the books are checked: nothing that was acknowledged is lost, nothing counts twice.
 */
@NullMarked
package plaudit.chaos;

import org.jspecify.annotations.NullMarked;

/** TODO */
@NullMarked
package plaudit.scoring.actor;

import org.jspecify.annotations.NullMarked;

/** The scorer, and the protocol between samplers and scorers. */
@NullMarked
package plaudit.scoring.actor;

import org.jspecify.annotations.NullMarked;

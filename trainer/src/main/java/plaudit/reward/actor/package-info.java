/** TODO */
@NullMarked
package plaudit.reward.actor;

import org.jspecify.annotations.NullMarked;

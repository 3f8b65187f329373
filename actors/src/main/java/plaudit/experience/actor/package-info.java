/** TODO */
@NullMarked
package plaudit.experience.actor;

import org.jspecify.annotations.NullMarked;

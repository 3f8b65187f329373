/** TODO */
@NullMarked
package plaudit.policy.actor;

import org.jspecify.annotations.NullMarked;

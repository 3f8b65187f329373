/** TODO */
@NullMarked
package plaudit.gateway.actor;

import org.jspecify.annotations.NullMarked;

/** TODO */
@NullMarked
package plaudit.labels.actor;

import org.jspecify.annotations.NullMarked;

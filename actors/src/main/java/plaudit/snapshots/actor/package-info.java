/** TODO */
@NullMarked
package plaudit.snapshots.actor;

import org.jspecify.annotations.NullMarked;

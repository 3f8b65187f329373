/** The registry of snapshots: the actor that publishes them, its messages and their codec. */
@NullMarked
package plaudit.snapshots.actor;

import org.jspecify.annotations.NullMarked;

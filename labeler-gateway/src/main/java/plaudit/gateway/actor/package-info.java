/**
 * The label store's actor, which answers {@link plaudit.labels.actor.LabelStore} from the database.
 */
@NullMarked
package plaudit.gateway.actor;

import org.jspecify.annotations.NullMarked;

/**
 * The messages of the label store and their wire form. The gateway holds the actor that implements
 * them.
 */
@NullMarked
package plaudit.labels.actor;

import org.jspecify.annotations.NullMarked;

/**
 * How Plaudit is started and watched. {@link plaudit.ops.Main} is the list of verbs; what a verb
 * needs of the outside (telemetry, logs) is opened here, once, at the start of the process.
 */
@NullMarked
package plaudit.ops;

import org.jspecify.annotations.NullMarked;

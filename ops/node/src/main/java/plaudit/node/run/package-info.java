/**
 * What a run leaves behind and shows while it goes: its directory, its metrics and one line of
 * progress.
 */
@NullMarked
package plaudit.node.run;

import org.jspecify.annotations.NullMarked;

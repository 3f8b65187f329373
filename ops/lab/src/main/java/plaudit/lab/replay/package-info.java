/**
 * Repeats a run from its journal in one process, and compares: {@link plaudit.lab.replay.Replay}
 * does it, {@link plaudit.lab.replay.Difference} says what two results must have in common.
 */
@NullMarked
package plaudit.lab.replay;

import org.jspecify.annotations.NullMarked;

/**
 * Repeats a run from its journal in one process, and compares: {@link plaudit.ops.replay.Replay}
 * does it, {@link plaudit.ops.replay.Difference} says what two results must have in common.
 */
@NullMarked
package plaudit.ops.replay;

import org.jspecify.annotations.NullMarked;

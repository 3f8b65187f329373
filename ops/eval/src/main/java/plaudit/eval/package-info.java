/**
 * Who writes and who judges when models are measured: a model directory that answers prompts, and a
 * word list or a reward model that scores the answers. No actors; people judge in {@code
 * plaudit.eval.panel}.
 */
@NullMarked
package plaudit.eval;

import org.jspecify.annotations.NullMarked;

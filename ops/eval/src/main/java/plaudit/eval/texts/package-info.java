/**
 * Texts that a user hands in to be measured: one a line, as JSON lines, or one a file. Whatever is
 * wrong with them is said with file and line.
 */
@NullMarked
package plaudit.eval.texts;

import org.jspecify.annotations.NullMarked;

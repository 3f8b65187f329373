/**
 * The verbs of the command line, one class each. A verb reads its options, calls the part that does
 * the work and prints: results on standard output, words for people on standard error. It holds no
 * logic of its own, and what can go wrong is turned into one line and an exit code in one place,
 * {@link plaudit.cli.Failure}.
 */
@NullMarked
package plaudit.cli;

import org.jspecify.annotations.NullMarked;

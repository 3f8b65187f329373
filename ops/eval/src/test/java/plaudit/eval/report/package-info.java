/** The report as a reader, a screen and an attacker meet it. */
@NullMarked
package plaudit.eval.report;

import org.jspecify.annotations.NullMarked;

/**
 * What a finished run has to say, on one page. A {@link plaudit.eval.report.RunReport} holds the
 * numbers, {@link plaudit.eval.report.Report} writes them as one HTML file that needs nothing else:
 * no script, no network, no second file; readable in the dark and on paper.
 */
@NullMarked
package plaudit.eval.report;

import org.jspecify.annotations.NullMarked;

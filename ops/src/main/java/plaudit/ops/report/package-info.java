/**
 * What a finished run has to say, on one page. A {@link plaudit.ops.report.RunReport} holds the
 * numbers, {@link plaudit.ops.report.Report} writes them as one HTML file that needs nothing else:
 * no script, no network, no second file; readable in the dark and on paper.
 */
@NullMarked
package plaudit.ops.report;

import org.jspecify.annotations.NullMarked;

/**
 * ROUGE (Lin 2004): how much of a reference text stands in a candidate, by runs of words and by
 * longest common subsequences, counted as the program ROUGE-1.5.5 counts. Pure: texts in, numbers
 * out.
 */
@NullMarked
package plaudit.eval.rouge;

import org.jspecify.annotations.NullMarked;

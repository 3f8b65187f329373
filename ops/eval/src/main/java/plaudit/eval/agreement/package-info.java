/**
 * How far people who judged the same comparison agree (paper 5.7), and what a majority of them says
 * (paper 5.1). Pure: judgments in, numbers out.
 */
@NullMarked
package plaudit.eval.agreement;

import org.jspecify.annotations.NullMarked;

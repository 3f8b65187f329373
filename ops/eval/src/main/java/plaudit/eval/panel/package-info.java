/**
 * A panel of people: puts texts of several writers side by side before people and vendors through
 * the gateway, and counts whom a majority prefers (paper 5.1). What was judged is kept in a
 * directory, so a panel that was stopped goes on.
 */
@NullMarked
package plaudit.eval.panel;

import org.jspecify.annotations.NullMarked;

/**
 * Studies: many small runs of the algorithm under a mock human, to see what a number of labels, a
 * price of divergence or another algorithm does (paper 2.4 and 5.6). A run here is synchronous: one
 * thread writes, scores, asks and learns in turn, with the very classes that a distributed run
 * uses.
 */
@NullMarked
package plaudit.lab.study;

import org.jspecify.annotations.NullMarked;

/**
 * Studies: many small runs of the algorithm with a classifier as simulated judge, which show the
 * effect of the number of labels, of the KL coefficient and of the algorithm (paper 2.4 and 5.6). A
 * run here is synchronous: one thread writes, scores, asks and learns in turn, with the parts of
 * which a node is made ({@link plaudit.node.Trainers}, {@link plaudit.node.WorkerParts}).
 */
@NullMarked
package plaudit.lab.study;

import org.jspecify.annotations.NullMarked;

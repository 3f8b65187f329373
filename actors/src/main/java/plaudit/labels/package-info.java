/**
 * Comparisons and judgments: the slow loop's work and evidence.
 *
 * <p>A {@link plaudit.labels.Comparison} shows several responses to one query to a person, a {@link
 * plaudit.labels.Judgment} is the answer, and a {@link plaudit.labels.Label} is both as training
 * data.
 */
@NullMarked
package plaudit.labels;

import org.jspecify.annotations.NullMarked;

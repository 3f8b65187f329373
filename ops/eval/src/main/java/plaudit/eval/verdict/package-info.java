/**
 * What may be said of a tuned model: how varied its texts are, what the base model reaches without
 * training, whether the reward model was over-optimised, and whether the tuning was worth it. Pure:
 * texts and scores in, numbers and sentences out.
 */
@NullMarked
package plaudit.eval.verdict;

import org.jspecify.annotations.NullMarked;

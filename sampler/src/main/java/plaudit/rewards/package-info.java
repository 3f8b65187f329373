/**
 * Where scores come from besides the run's reward model: a finished model, rules, scorers and
 * judges elsewhere, and sums of them.
 */
@NullMarked
package plaudit.rewards;

import org.jspecify.annotations.NullMarked;

/**
 * How much reward can be had for how much KL from the reference: by taking the best of n samples,
 * and by the optimum that PPO approaches (paper 5.6). Pure: rewards of samples in, curves out.
 */
@NullMarked
package plaudit.eval.frontier;

import org.jspecify.annotations.NullMarked;

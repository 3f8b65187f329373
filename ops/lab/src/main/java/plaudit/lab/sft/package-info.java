/**
 * Supervised fine-tuning as a job (paper 1.5): what is shown to the model, the learning rates that
 * are tried, and the directory that keeps what a stopped job goes on from. The training itself is
 * {@code plaudit.language}'s.
 */
@NullMarked
package plaudit.lab.sft;

import org.jspecify.annotations.NullMarked;

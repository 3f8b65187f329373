/**
 * Trainings of language models as jobs: pretraining from nothing but text, and supervised
 * fine-tuning (paper 1.5) with its data, the learning rates that are tried, and the directory that
 * keeps what a stopped job goes on from. The training itself is {@code plaudit.language}'s.
 */
@NullMarked
package plaudit.lab.language;

import org.jspecify.annotations.NullMarked;

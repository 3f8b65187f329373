/**
 * The language model as files and as a network: a Hugging Face directory (configuration, weights,
 * tokenizer) on one side, the causal net that runs it on the other.
 *
 * <p>Everything a user hands in is checked here against what the network will need, and refused
 * with one line that names the file, the value and what was expected.
 */
@NullMarked
package plaudit.model;

import org.jspecify.annotations.NullMarked;

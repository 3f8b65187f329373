/**
 * Language modelling from plain text: reading a corpus, learning a byte-level vocabulary from it,
 * and training the model that the preferences later fine-tune.
 */
@NullMarked
package plaudit.language;

import org.jspecify.annotations.NullMarked;

/**
 * How much a model copies from its input (paper 5.4): a summariser may please people by quoting.
 * Pure: texts in, counts out.
 */
@NullMarked
package plaudit.eval.copying;

import org.jspecify.annotations.NullMarked;

/**
 * What a run is measured by: the hidden preference of the simulated vendor, the choices it makes
 * from it, and the statistics of a before-and-after comparison. Pure: texts and numbers in, numbers
 * out.
 */
@NullMarked
package plaudit.eval.measure;

import org.jspecify.annotations.NullMarked;

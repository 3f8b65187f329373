/** The simulated vendor's taste and the statistics, by example and by property. */
@NullMarked
package plaudit.eval.measure;

import org.jspecify.annotations.NullMarked;

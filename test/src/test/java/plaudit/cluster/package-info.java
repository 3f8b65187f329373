/** Real processes that find one another, lose one another and finish the run all the same. */
@NullMarked
package plaudit.cluster;

import org.jspecify.annotations.NullMarked;

/** People and vendors at the gateway's door, over real HTTP. */
@NullMarked
package plaudit.labeling;

import org.jspecify.annotations.NullMarked;

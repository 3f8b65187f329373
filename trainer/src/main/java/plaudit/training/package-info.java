/** What a training says of itself while it goes on. */
@NullMarked
package plaudit.training;

import org.jspecify.annotations.NullMarked;

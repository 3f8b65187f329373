/** TODO */
@NullMarked
package plaudit.task;

import org.jspecify.annotations.NullMarked;

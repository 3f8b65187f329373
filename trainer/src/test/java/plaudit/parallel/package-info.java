@NullMarked
package plaudit.parallel;

import org.jspecify.annotations.NullMarked;

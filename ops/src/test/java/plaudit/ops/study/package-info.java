/** Tests of the rules of studies. */
@NullMarked
package plaudit.ops.study;

import org.jspecify.annotations.NullMarked;

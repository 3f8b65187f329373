/** Tests of the rules of studies. */
@NullMarked
package plaudit.lab.study;

import org.jspecify.annotations.NullMarked;

/** Tests of the rules of studies. */
@NullMarked
package plaudit.lab.gateway;

import org.jspecify.annotations.NullMarked;

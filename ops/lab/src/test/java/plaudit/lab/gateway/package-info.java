/** Tests of the benchmarks of the gateway. */
@NullMarked
package plaudit.lab.gateway;

import org.jspecify.annotations.NullMarked;

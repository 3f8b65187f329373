/** Whether this machine can run Plaudit: one finding for each thing that a run needs. */
@NullMarked
package plaudit.ops.doctor;

import org.jspecify.annotations.NullMarked;

/** Whether this machine can run Plaudit: one finding for each thing that a run needs. */
@NullMarked
package plaudit.cli.doctor;

import org.jspecify.annotations.NullMarked;

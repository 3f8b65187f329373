/**
 * What users hand in. One exception says that a file, a value or an option is not usable and what
 * was expected instead; the command line turns it into one line and exit code 2, the gateway into a
 * typed problem.
 */
@NullMarked
package plaudit.input;

import org.jspecify.annotations.NullMarked;

/**
 * The phase that each part of a node is in, for operators, dashboards, and tests that need a
 * certain moment.
 */
@NullMarked
package plaudit.phase;

import org.jspecify.annotations.NullMarked;

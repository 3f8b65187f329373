/**
 * What each part of a node is doing right now, for those who watch it: operators, dashboards, and
 * tests that strike at a certain moment.
 */
@NullMarked
package plaudit.phase;

import org.jspecify.annotations.NullMarked;

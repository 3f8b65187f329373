/**
 * The loops under virtual time: the real rules among models of the actors that relay between them,
 * thousands of seeded schedules of faults, and laws that are checked after every event. {@code
 * docs/simulation.md} tells how to read it and how to replay a seed.
 */
@NullMarked
package plaudit.simulation;

import org.jspecify.annotations.NullMarked;

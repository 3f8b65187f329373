/**
 * The gateway under stress: a real one in a JVM of its own is killed ({@link
 * plaudit.lab.gateway.CrashBench}), loaded ({@link plaudit.lab.gateway.LoadBench}) and sent
 * nonsense ({@link plaudit.lab.gateway.FuzzBench}), and its store is audited.
 */
@NullMarked
package plaudit.lab.gateway;

import org.jspecify.annotations.NullMarked;
